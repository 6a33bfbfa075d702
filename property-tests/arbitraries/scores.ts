/** Scores of genuine and impostor pairs, with many ties, and pairs of images with both kinds in them. */
import fc from "fast-check";
import type { Pairs } from "../../src/evaluation/pairs.js";
import { evenly, moderate } from "./numbers.js";

export interface Scored {
  readonly scores: number[];
  /** 1 for a genuine pair. At least one of each kind. */
  readonly genuine: number[];
}

/** 2 … `maxCount` scores: free numbers, or whole ones so that most of them tie. */
export function scoredPairs(maxCount = 30): fc.Arbitrary<Scored> {
  return fc.integer({ min: 2, max: maxCount }).chain((count) => {
    const of = (element: fc.Arbitrary<number>): fc.Arbitrary<number[]> =>
      fc.array(element, { minLength: count, maxLength: count });
    return fc.record({
      scores: fc.oneof(of(moderate()), of(fc.integer({ min: -3, max: 3 }))),
      genuine: bothKinds(count),
    });
  });
}

/** `count` ≥ 2 zeros and ones, one of each at least. */
export function bothKinds(count: number): fc.Arbitrary<number[]> {
  return fc
    .tuple(fc.array(fc.integer({ min: 0, max: 1 }), { minLength: count, maxLength: count }), fc.nat({ max: count - 2 }))
    .map(([kinds, place]) => {
      const kept = [...kinds];
      kept[place + 1] = 1 - kept[place];
      return kept;
    });
}

/** `count` pairs of `images` images, a pair of an image with itself and repeated pairs among them. */
export function pairsOf(images: number, count: number): fc.Arbitrary<Pairs> {
  const chosen = fc.array(fc.nat({ max: images - 1 }), { minLength: count, maxLength: count });
  return fc.tuple(chosen, chosen, bothKinds(count)).map(([first, second, same]) => ({
    first: Int32Array.from(first),
    second: Int32Array.from(second),
    same: Uint8Array.from(same),
  }));
}

/** False accept rates: the round ones of tables, 0 and 1, and any between. */
export function falseAcceptRates(): fc.Arbitrary<number> {
  return fc.oneof(fc.constantFrom(0, 1e-3, 0.1, 0.25, 0.5, 1), evenly(0, 1));
}
