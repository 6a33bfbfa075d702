/**
 * The quality of a pair, from the qualities of its two images.
 *
 * A comparison is as good as its worse image, so the protocol takes the minimum (CR-FIQA, section 4); for a score of which less is better, an
 * uncertainty, the worse image is the one with the maximum. "mean" is there to measure what the choice is worth.
 */
import { checkPairs, type Pairs } from "../pairs.js";

export type CombineQuality = "minimum" | "mean" | "maximum";

const combining: Readonly<Record<CombineQuality, (a: number, b: number) => number>> = {
  minimum: Math.min,
  mean: (a, b) => (a + b) / 2,
  maximum: Math.max,
};

/** The quality of each pair: of images [N] → [P]. Throws for pairs of other images, and for NaN. */
export function pairQuality(
  quality: ArrayLike<number>,
  pairs: Pairs,
  combine: CombineQuality = "minimum",
): Float64Array {
  checkPairs(pairs, quality.length);
  checkQuality(quality);
  const combined = combining[combine];
  return Float64Array.from(pairs.first, (first, p) => combined(quality[first], quality[pairs.second[p]]));
}

/** Throws when the quality of an image (or pair) is NaN: it could be kept or discarded as one pleases. */
export function checkQuality(quality: ArrayLike<number>, of = "image"): void {
  for (let i = 0; i < quality.length; i++) {
    if (Number.isNaN(quality[i])) {
      throw new Error(`quality: a score must be a number, but that of ${of} ${i} of ${quality.length} is NaN.`);
    }
  }
}
