/**
 * What float32 may lose in one kernel, given what its operands have lost already.
 *
 * A number is its value in float64 and a bound on the distance of what a float32 engine holds instead. Four rules cover every
 * kernel: elements that only move, sums of products, functions that are monotone in every operand, and formulas of those three. All
 * bounds are for the worst case and for any order of summation (Higham, Accuracy and Stability of Numerical Algorithms, chapters 2 and 3).
 */
import { sizeOf } from "../../shape.js";
import type { Tensor } from "../../tensor.js";
import { UNIT, exactly, type Arithmetic, type Loss } from "./arithmetic.js";

const LARGEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/** Two tensors of one shape on a float64 engine. */
export interface Bounded {
  readonly value: Tensor;
  /** |float32 − value| is at most this; ∞ where nothing can be promised. */
  readonly error: Tensor;
}

/** Elements move or are chosen; their errors move with them. The choice itself must not hang on a rounding. */
export function moved(kernel: (...operands: Tensor[]) => Tensor, operands: readonly Bounded[]): Bounded {
  return { value: kernel(...operands.map(({ value }) => value)), error: kernel(...operands.map(({ error }) => error)) };
}

/**
 * Sums of products of one element of each operand, with coefficients from 0 to 1. Since no coefficient is negative, the kernel on magnitudes gives
 * Σ|a·b|; on ones, the number of terms n; and the error of n roundings is at most n·u / (1 − n·u) · Σ|a·b|.
 *
 * @param terms where coefficients are not 1, so that ones do not count: the largest number of terms
 */
export function summed(
  kernel: (...operands: Tensor[]) => Tensor,
  operands: readonly Bounded[],
  { smallest }: Arithmetic,
  terms?: number,
): Bounded {
  const value = kernel(...operands.map((operand) => operand.value));
  const magnitudes = operands.map((operand) => mapped([operand.value], Math.abs));
  const largest = operands.map(({ error }, i) => mapped([magnitudes[i], error], (size, off) => size + off));
  const inherited = operands.some(hasError);
  const size = kernel(...magnitudes);
  const grown = inherited ? kernel(...largest) : size;
  const count =
    terms === undefined ? kernel(...operands.map((operand) => mapped([operand.value], () => 1))) : undefined;
  const counts = count ?? mapped([size], () => terms ?? 0);
  const error = mapped([size, grown, counts], (least, most, n) => {
    const own = n > 0 ? ((n * UNIT) / (1 - n * UNIT)) * most + n * smallest : 0;
    // no part of the sum may overflow on the way, however small the whole is in the end, or after its division
    return promise((terms ?? 1) * most, most - least + own);
  });
  return { value, error };
}

/**
 * Every element is a function of one element of each operand, monotone in each: over the box of what the operands may be it
 * moves furthest at a corner. Then comes what the function itself loses. (A square, sine or cosine does turn, but is even about its turn: where that
 * lies within the error, the far corner lies further off. For angles see `angle`.)
 *
 * @param domain where the function is defined: a corner that is outside by an error alone is taken to the border
 */
export function monotone(
  kernel: (...operands: Tensor[]) => Tensor,
  operands: readonly Bounded[],
  loss: Loss,
  smallest: number,
  domain: readonly [low: number, high: number] = [-Infinity, Infinity],
): Bounded {
  const value = kernel(...operands.map((operand) => operand.value));
  let furthest = mapped([value], () => 0);
  for (const corner of operands.some(hasError) ? cornersOf(operands, domain) : []) {
    furthest = mapped([furthest, value, kernel(...corner)], (distance, y, there) => largerOf(distance, there - y));
  }
  const exact = operands.map((operand) => operand.value);
  const error = mapped([value, furthest, ...exact], (y, distance, ...at) => {
    if (loss === exactly) return promise(y, distance);
    const own = Math.max(loss(y, ...at), loss(y - distance, ...at), loss(y + distance, ...at));
    return promise(y, distance + own + smallest);
  });
  return { value, error };
}

function largerOf(distance: number, step: number): number {
  return Math.abs(step) <= distance ? distance : Number.isNaN(step) ? Infinity : Math.abs(step);
}

/** Nothing is promised beyond the largest float32, nor of what came from there. */
function promise(value: number, error: number): number {
  return Math.abs(value) + error <= LARGEST_FLOAT32 ? error : Infinity;
}

/** A divisor: where it may be 0, nothing is known of it. */
export function divisor({ value, error }: Bounded): Bounded {
  return { value, error: mapped([value, error], (x, off) => (off > 0 && Math.abs(x) <= off ? Infinity : off)) };
}

/** An angle: where its error exceeds 1 the corners may stand anywhere on the circle, and nothing is known. */
export function angle({ value, error }: Bounded): Bounded {
  return { value, error: mapped([error], (off) => (off > 1 ? Infinity : off)) };
}

function hasError({ error }: Bounded): boolean {
  return error.dataSync().some((bound) => bound > 0);
}

/** Every operand at value − error or value + error; NaN where it may be anything, which no function makes definite. */
function cornersOf(operands: readonly Bounded[], [low, high]: readonly [number, number]): Tensor[][] {
  return operands.reduce<Tensor[][]>(
    (corners, { value, error }) => {
      const ends = [-1, 1].map((side) =>
        mapped([value, error], (x, off) => (off < Infinity ? clamp(x + side * off, low, high) : NaN)),
      );
      return corners.flatMap((corner) => ends.map((end) => [...corner, end]));
    },
    [[]],
  );
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** Element by element over tensors of one shape. */
export function mapped(operands: readonly Tensor[], combine: (...elements: number[]) => number): Tensor {
  const [first] = operands;
  const elements = operands.map((operand) => operand.dataSync());
  const size = sizeOf(first.shape);
  const result = new Float64Array(size);
  for (let i = 0; i < size; i++) result[i] = combine(...elements.map((list) => list[i]));
  return first.engine.tensor(result, first.shape);
}
