/**
 * Quality where people are represented by templates of several images (IJB-C): of a comparison, and as weights of pooling.
 *
 * Two templates compare as well as the worst of all their images (CR-FIQA's evaluation on IJB-C), hence the minimum; the maximum for a score
 * of which less is better. A second use is to let good images count more: qualities brought to 0 … 1 over all images are the `weights` of
 * `poolTemplates` and `templateVerification`, which reports TAR at the FAR nearest to 1e-6 … 1e-1.
 */
import type { TemplatePairs } from "../templateVerification.js";
import { checkedLabels } from "../normalizeRows.js";
import { checkQuality } from "./pairQuality.js";

/**
 * The quality of each pair of templates, over all images of both: of images [N] → [P].
 *
 * @param templates the template that each image belongs to, [N]
 * @param pairs templates by id
 *
 * Throws for lengths that do not fit, NaN, and a pair of a template that has no image.
 */
export function templatePairQuality(
  quality: ArrayLike<number>,
  templates: ArrayLike<number>,
  pairs: Pick<TemplatePairs, "first" | "second">,
  combine: "minimum" | "maximum" = "minimum",
): Float64Array {
  const { first, second } = pairs;
  if (first.length !== second.length) {
    throw new Error(`pairs: first and second have one entry a pair; given ${first.length} and ${second.length}.`);
  }
  const worse = combine === "minimum" ? Math.min : Math.max;
  const ofTemplate = new Map<number, number>();
  checkQuality(quality);
  checkedLabels(templates, quality.length, "templates").forEach((id, image) => {
    ofTemplate.set(id, worse(quality[image], ofTemplate.get(id) ?? quality[image]));
  });
  const qualityOf = (id: number, p: number): number => {
    const found = ofTemplate.get(id);
    if (found === undefined) throw new Error(`pairs: pair ${p} compares template ${id}, which has no image.`);
    return found;
  };
  return Float64Array.from(first, (id, p) => worse(qualityOf(id, p), qualityOf(second[p], p)));
}

/**
 * Weights of images from their qualities, of which more is better: the worst of all images 0, the best 1, in between in proportion. [N] → [N]
 *
 * All 1 where all qualities are equal. The worst image of all counts nothing, and a template of it alone has no direction
 * (`poolTemplates` counts those). Throws unless every quality is finite.
 */
export function qualityWeights(quality: ArrayLike<number>): Float64Array {
  let [low, high] = [Infinity, -Infinity];
  for (let image = 0; image < quality.length; image++) {
    if (!Number.isFinite(quality[image])) {
      throw new Error(`qualityWeights: qualities are finite, but that of image ${image} is ${quality[image]}.`);
    }
    low = Math.min(low, quality[image]);
    high = Math.max(high, quality[image]);
  }
  return Float64Array.from(quality, (value) => (high > low ? (value - low) / (high - low) : 1));
}
