/**
 * Calls of one operation: shapes and options that fit each other, filled with numbers.
 *
 * `wide` calls go where engines may differ: ties, kinks, magnitudes from 1e-12 to 1e4. `smooth` calls keep away from kinks and poles, so
 * that differences approach the derivative.
 */
import fc from "fast-check";
import type { Operation } from "../../src/autograd/index.js";
import { stream } from "../../src/tensor/random.js";
import { sizeOf, type Shape } from "../../src/tensor/shape.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { vectors, type HostArray } from "./arrays.js";
import { between, moderate } from "./numbers.js";

export interface Call {
  readonly inputs: readonly HostArray[];
  readonly options: unknown;
}

/** A call without its numbers. */
export interface Layout<Options> {
  readonly shapes: readonly Shape[];
  readonly options: Options;
}

/** So many numbers. */
export type Fill = (size: number) => fc.Arbitrary<number[]>;

/** One for all inputs, or one for each. */
type Fills = Fill | readonly Fill[];

export interface CallGenerator {
  readonly operation: Operation;
  readonly wide: fc.Arbitrary<Call>;
  readonly smooth: fc.Arbitrary<Call>;
}

/** Numbers within ±4, ties among them. */
export const tame: Fill = (size) => vectors(size, moderate());

/** Between low and high. */
export function within(low: number, high: number): Fill {
  return (size) => vectors(size, between(low, high));
}

/** A shuffled arithmetic progression: no two numbers are closer than `step`. */
export function apart(step = 0.125): Fill {
  return (size) => {
    const numbers = Array.from({ length: size }, (_, i) => step * (i - (size - 1) / 2));
    return fc.shuffledSubarray(numbers, { minLength: size, maxLength: size });
  };
}

/** Within ±4, but no nearer than `gap` to any of these points. */
export function awayFrom(points: readonly number[], gap = 2 ** -5): Fill {
  const push = (value: number): number => {
    const near = points.find((point) => Math.abs(value - point) < gap);
    return near === undefined ? value : near + (value < near ? -gap : gap);
  };
  return (size) => vectors(size, moderate()).map((values) => values.map((value) => Math.fround(push(value))));
}

/** Generators of the calls of an operation. Where no numbers are named, both kinds are tame. */
export function callsOf<Inputs extends readonly Tensor[], Options>(
  operation: Operation<Inputs, Options>,
  layouts: fc.Arbitrary<Layout<Options>>,
  { wide = tame, smooth = wide }: { readonly wide?: Fills; readonly smooth?: Fills } = {},
): CallGenerator {
  return { operation: operation as unknown as Operation, wide: filled(layouts, wide), smooth: filled(layouts, smooth) };
}

function filled(layouts: fc.Arbitrary<Layout<unknown>>, fills: Fills): fc.Arbitrary<Call> {
  const fillOf = (position: number): Fill => (typeof fills === "function" ? fills : fills[position]);
  return layouts.chain(({ shapes, options }) =>
    fc.tuple(...shapes.map((shape, position) => fillOf(position)(sizeOf(shape)))).map((values) => ({
      inputs: shapes.map((shape, position) => ({ shape, values: values[position] })),
      options,
    })),
  );
}

/** The samples that an operation declares, as calls; all of them keep away from kinks. */
export function samplesOf({ definition }: Operation): Call[] {
  return definition.samples.map(({ inputs, options }, number) => ({
    inputs: inputs.map(({ shape, values }, position) => {
      const random = stream("operation samples", definition.name, number, position);
      const normal = (): number[] => Array.from({ length: sizeOf(shape) }, () => random.normal());
      return { shape, values: (values?.(random, sizeOf(shape)) ?? normal()).map(Math.fround) };
    }),
    options,
  }));
}
