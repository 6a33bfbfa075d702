/** What a sampler of class centers is asked: batches whose labels repeat, ratios from none to all, budgets below the positives. */
import fc from "fast-check";
import { evenly } from "./numbers.js";

export interface SampledBatch {
  /** C */
  readonly classes: number;
  /** Of the batch, repeats among them. */
  readonly labels: readonly number[];
  /** r */
  readonly ratio: number;
  readonly seed: number;
}

export function sampledBatches(maxClasses = 60): fc.Arbitrary<SampledBatch> {
  return fc.integer({ min: 1, max: maxClasses }).chain((classes) => {
    const label = fc.nat({ max: classes - 1 });
    const few = fc
      .array(label, { minLength: 1, maxLength: 3 })
      .chain((pool) => fc.array(fc.constantFrom(...pool), { minLength: 1, maxLength: 12 }));
    return fc.record({
      classes: fc.constant(classes),
      labels: fc.oneof(few, fc.array(label, { minLength: 1, maxLength: 24 })),
      ratio: fc.oneof(fc.constantFrom(0, 0.1, 0.5, 1), evenly(0, 1)),
      seed: fc.integer(),
    });
  });
}

export interface SmallDraw {
  readonly classes: number;
  /** Distinct, ascending. */
  readonly positives: readonly number[];
  /** At least the positives. */
  readonly budget: number;
  readonly seed: number;
}

/** Up to `maxClasses` classes, with or without positives, and a budget that leaves something to chance. */
export function smallDraws(minClasses: number, maxClasses: number): fc.Arbitrary<SmallDraw> {
  return fc.integer({ min: minClasses, max: maxClasses }).chain((classes) => {
    const all = Array.from({ length: classes }, (_, j) => j);
    return fc.subarray(all, { maxLength: Math.min(classes - 2, 5) }).chain((positives) =>
      fc.record({
        classes: fc.constant(classes),
        positives: fc.constant(positives),
        budget: fc.integer({ min: positives.length + 1, max: classes - 1 }),
        seed: fc.integer(),
      }),
    );
  });
}
