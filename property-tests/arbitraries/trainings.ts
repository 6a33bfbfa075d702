/** What an optimizer is given: starting values, and for every step a rate and gradients. */
import fc from "fast-check";
import type { PlainAdam, PlainSgd } from "../../test/nn/plainRules.js";
import { between, extreme, moderate } from "./numbers.js";

export interface Training {
  /** Of each element. */
  readonly start: readonly number[];
  /** [steps][elements] */
  readonly gradients: readonly (readonly number[])[];
  /** One a step. */
  readonly rates: readonly number[];
}

/** The most steps of a training: bounds on rounding are derived from it. */
export const MOST_STEPS = 6;

/** One to six elements and steps. */
export function trainings(gradient: fc.Arbitrary<number> = fc.oneof(moderate(), extreme())): fc.Arbitrary<Training> {
  return fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: MOST_STEPS })).chain(([elements, steps]) =>
    fc.record({
      start: fc.array(moderate(), { minLength: elements, maxLength: elements }),
      gradients: fc.array(fc.array(gradient, { minLength: elements, maxLength: elements }), {
        minLength: steps,
        maxLength: steps,
      }),
      rates: fc.array(rates(), { minLength: steps, maxLength: steps }),
    }),
  );
}

/** 0 (a schedule at its end) up to 0.1. */
export function rates(): fc.Arbitrary<number> {
  return fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 8, arbitrary: between(1e-4, 0.1) });
}

/** With and without momentum, decay, Nesterov. */
export function sgdRules(): fc.Arbitrary<PlainSgd> {
  const momenta = fc.oneof(fc.constantFrom(0, 0.9), between(0, 0.99));
  const decays = fc.oneof(fc.constantFrom(0, 5e-4), between(0, 0.1));
  return fc
    .tuple(momenta, decays, fc.boolean())
    .map(([momentum, decay, nesterov]) => ({ momentum, decay, nesterov: nesterov && momentum > 0 }));
}

/**
 * Gradients of at least 1/2. Adam divides by their size, so that where decay cancels a gradient to nothing, or where all have been
 * nothing so far, the update is the sign of a rounding error, on which no two computations agree.
 */
export function sizeableGradients(): fc.Arbitrary<number> {
  return fc.tuple(between(0.5, 4), fc.boolean()).map(([size, negative]) => (negative ? -size : size));
}

/** Decay so small that with `sizeableGradients` it outweighs none of them. */
export function adamRules(): fc.Arbitrary<Omit<PlainAdam, "time">> {
  return fc.record({
    beta1: fc.oneof(fc.constantFrom(0, 0.9), between(0, 0.95)),
    beta2: fc.oneof(fc.constantFrom(0.9, 0.999), between(0.9, 0.999)),
    epsilon: fc.constantFrom(1e-8, 1e-6, 0.125),
    decay: fc.oneof(fc.constantFrom(0, 5e-4), between(0, 0.05)),
    decoupled: fc.boolean(),
  });
}

/** A table of which every step gathers some rows, some of them repeatedly, in one gather or several; or none. */
export interface TableTraining {
  /** [rows][columns] */
  readonly start: readonly (readonly number[])[];
  readonly steps: readonly {
    readonly rate: number;
    readonly gathers: readonly {
      readonly index: readonly number[];
      readonly gradients: readonly (readonly number[])[];
    }[];
  }[];
}

export function tableTrainings(
  gradient: fc.Arbitrary<number> = moderate(),
  { repeats = true }: { readonly repeats?: boolean } = {},
): fc.Arbitrary<TableTraining> {
  return fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 3 })).chain(([rows, columns]) => {
    const row = (element: fc.Arbitrary<number>): fc.Arbitrary<number[]> =>
      fc.array(element, { minLength: columns, maxLength: columns });
    const all = Array.from({ length: rows }, (_, i) => i);
    const index = repeats
      ? fc.oneof(fc.subarray(all), fc.array(fc.nat({ max: rows - 1 }), { maxLength: 2 * rows }))
      : fc.subarray(all);
    const gather = index.chain((numbers) =>
      fc.record({
        index: fc.constant(numbers),
        gradients: fc.array(row(gradient), { minLength: numbers.length, maxLength: numbers.length }),
      }),
    );
    const gathers = fc.array(gather, { minLength: repeats ? 0 : 1, maxLength: repeats ? 3 : 1 });
    return fc.record({
      start: fc.array(row(moderate()), { minLength: rows, maxLength: rows }),
      steps: fc.array(fc.record({ rate: rates(), gathers }), { minLength: 1, maxLength: MOST_STEPS }),
    });
  });
}
