/**
 * How far rounding may take two orders of summation apart over a whole training: measured, not bounded.
 *
 * A bound that multiplies worst cases step by step allows anything after four steps. Instead the training is run once more from
 * values that are nudged by up to 2^-26 of themselves: what comes of 2^-26 comes, 2^-27 times smaller, of the 2^-53 of a rounding.
 * A number is rounded some hundred times on its way and not once, and in other directions than the nudges have: a factor of 1024.
 *
 * Left over is what cancels: a gradient that is the small difference of large numbers stays small when these are nudged together, and
 * not when they are rounded. For this there is a floor, from the bounds of one step.
 */
import { hashUniform, stream } from "../../src/tensor/random.js";
import { assertWithin } from "../operations/close.js";

const NUDGE = 2 ** -26;
const ROUNDING = 2 ** -53;
const ROUNDINGS = 1024;

/** Every value times 1 + 2^-26·u, u between −1 and 1; zeros stay. */
export function nudge(values: Float64Array): Float64Array {
  const key = stream("nudge").key();
  return values.map((value, i) => value * (1 + NUDGE * (2 * hashUniform(key, i, 0) - 1)));
}

/**
 * `actual` is `expected` up to rounding, where `nudged` came of nudged values. Numbers are compared in groups of `columns`, such as
 * rows of a matrix: the largest of a group says how coarse the others are.
 *
 * @param floor allowed in any case, by element
 * @param rounding of whatever made `actual`
 */
export function assertSameTraining(
  what: string,
  columns: number,
  actual: readonly number[],
  expected: readonly number[],
  nudged: readonly number[],
  floor: readonly number[],
  rounding = ROUNDING,
): void {
  const allowed = expected.map((_, i) => {
    const start = Math.floor(i / columns) * columns;
    let [size, moved] = [0, 0];
    for (let j = start; j < start + columns; j++) {
      size = Math.max(size, Math.abs(expected[j]));
      moved = Math.max(moved, Math.abs(nudged[j] - expected[j]));
    }
    return ROUNDINGS * ((rounding / NUDGE) * moved + rounding * size) + floor[i];
  });
  assertWithin(actual, expected, allowed, what);
}
