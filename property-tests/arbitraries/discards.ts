/** Comparisons with qualities: what an error-versus-discard curve is made of, ties in both among them. */
import fc from "fast-check";
import type { Pairs } from "../../src/evaluation/pairs.js";
import { moderate } from "./numbers.js";
import { pairsOf } from "./scores.js";
import { permutations } from "./shapes.js";

export interface Comparisons {
  /** Of each image. [N] */
  readonly quality: readonly number[];
  /** [P]; both kinds, a pair of an image with itself and repeated pairs among them. */
  readonly pairs: Pairs;
  /** Of each pair. [P] */
  readonly distances: readonly number[];
}

/** 2 … 40 pairs of 2 … 9 images; distances and qualities are free numbers or, so that most of them tie, whole ones. */
export function comparisons(): fc.Arbitrary<Comparisons> {
  return fc
    .tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 2, max: 40 }))
    .chain(([images, count]) =>
      fc.record({ quality: numbers(images), pairs: pairsOf(images, count), distances: numbers(count) }),
    );
}

/** As `comparisons`, with a quality for each pair instead, no two the same. */
export function untiedComparisons(): fc.Arbitrary<Comparisons> {
  return comparisons().chain((given) =>
    permutations(given.distances.length).map((quality) => ({ ...given, quality: quality.map((rank) => rank / 8) })),
  );
}

/** Ratios of discarded pairs: 0 and up to six more below 1, rising. */
export function discardRatios(): fc.Arbitrary<number[]> {
  const steps = fc.uniqueArray(fc.integer({ min: 1, max: 39 }), { maxLength: 6 });
  return steps.map((chosen) => [0, ...chosen.sort((a, b) => a - b).map((step) => step / 40)]);
}

function numbers(count: number): fc.Arbitrary<number[]> {
  const of = (element: fc.Arbitrary<number>): fc.Arbitrary<number[]> =>
    fc.array(element, { minLength: count, maxLength: count });
  return fc.oneof(of(moderate()), of(fc.integer({ min: -2, max: 2 })));
}
