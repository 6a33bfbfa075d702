/**
 * Which dimensions of the embedding take part in a step: the second half of Unicom's dual random selection (An et al., ICLR 2023).
 *
 * f of the d dimensions are drawn without replacement, the same for all embeddings and all sampled centers of the step. Lengths are
 * taken over these alone, so that every step compares in a space of f dimensions; over many steps each of them has to tell classes
 * apart, and what is cut short still does. It is no dropout: nothing is rescaled, and both sides of a cosine lose the same dimensions.
 *
 * Over ranks: the public code seeds none of them, so that every rank draws dimensions of its own and one softmax mixes cosines of
 * several spaces (`"per-rank"`). Here one draw serves all ranks (`"shared"`, the default), and k ranks are one rank.
 */
import { stream, type Random } from "../tensor/random.js";

/** Whether ranks draw dimensions of their own. */
export type FeatureMask = "shared" | "per-rank";

/** What a sampler of dimensions is asked. */
export interface FeatureRequest {
  /** d */
  readonly embedding: number;
  /** f, fewer than d. */
  readonly features: number;
  readonly step: number;
  readonly rank: number;
}

/** Chooses f distinct dimensions of a step. Their order is that of the columns, which no inner product sees. */
export type FeatureSampler = (request: FeatureRequest) => Int32Array;

/**
 * The definition: give every dimension a score, and take the `features` lowest, the lowest first.
 *
 * @param scores one number in [0, 1) a dimension: [d]
 * @returns of equal scores the lower dimension comes first
 */
export function featuresByScores(scores: ArrayLike<number>, features: number): Int32Array {
  const ranking = Int32Array.from({ length: scores.length }, (_, dimension) => dimension);
  return ranking.sort((a, b) => scores[a] - scores[b] || a - b).subarray(0, features);
}

/** Every set of `features` dimensions equally likely. */
export function drawFeatures({ embedding, features }: FeatureRequest, random: Random): Int32Array {
  return featuresByScores(
    Float64Array.from({ length: embedding }, () => random.uniform()),
    features,
  );
}

/** The draw of (seed, step), and of the rank where each has its own. */
export function seededFeatures(seed: number | string, mask: FeatureMask): FeatureSampler {
  return (request) => {
    const own = mask === "per-rank" ? [request.rank] : [];
    return drawFeatures(request, stream(seed, "features", request.step, ...own));
  };
}

/** @throws Error unless f is a whole number in 1 … d. */
export function checkFeatures(features: number, embedding: number): void {
  if (Number.isInteger(features) && features >= 1 && features <= embedding) return;
  throw new Error(
    `PartialFC: between 1 and all ${embedding} dimensions of the embedding are selected for a step; given ${features}.`,
  );
}
