/**
 * K-fold verification: are two images of the same class? Accuracy, and the ROC curve, on squared Euclidean distances.
 *
 * The protocol of the face sets (LFW, CFP, AgeDB) as the public code of ArcFace and Partial FC evaluates it: embeddings
 * normalised, distance ‖a − b‖² in [0, 4], a pair is accepted when its distance is BELOW the threshold. The pairs are cut into K contiguous
 * folds; the threshold of a fold is the first of 0, 0.01 … 3.99 that is most accurate on the other folds.
 *
 * Distances are counted once into the 400 steps of the threshold, so that all folds together cost one pass; in float64.
 * Left out: a mirrored second pass (sum the embeddings first: `sumMirrored`), drawing of pairs (`randomPairs`).
 */
import { countRows, countZeroRows, normalizeRows, type EmbeddingRows } from "./normalizeRows.js";
import { checkPairs, type Pairs } from "./pairs.js";
import { acceptedCounts, foldRanges, meanAndDeviation, type FoldRange } from "./folds.js";

const STEPS = 400;

export interface VerificationOptions {
  /** [N, E]; raw, they are normalised here. */
  readonly embeddings: EmbeddingRows;
  /** E */
  readonly embedding: number;
  readonly pairs: Pairs;
  /** K, default 10. */
  readonly folds?: number;
}

export interface FoldResult extends FoldRange {
  /** Best threshold on the other folds, and the share of this fold that it decides rightly. */
  readonly threshold: number;
  readonly accuracy: number;
  /** Share of this fold's genuine (impostor) pairs that are accepted at each threshold; 0 where the fold has none. [400] */
  readonly trueAccept: Float64Array;
  readonly falseAccept: Float64Array;
}

export interface VerificationResult {
  /** Mean and population standard deviation of the folds' accuracies, in [0, 1]. */
  readonly accuracy: number;
  readonly deviation: number;
  readonly pairs: number;
  /** 0, 0.01 … 3.99 */
  readonly thresholds: Float64Array;
  /** Means over the folds. [400] */
  readonly trueAccept: Float64Array;
  readonly falseAccept: Float64Array;
  readonly folds: readonly FoldResult[];
  /** Embeddings without a direction; their distance to any other is 1. */
  readonly zeroEmbeddings: number;
}

/** Verification accuracy over K folds. Throws for embeddings, pairs or folds that do not fit together, and when one kind of pair is missing. */
export function verification(options: VerificationOptions): VerificationResult {
  const { embeddings, embedding, pairs } = options;
  const unit = normalizeRows(embeddings, embedding);
  const result = verifyDistances(unitDistances(unit, embedding, pairs), pairs.same, options.folds);
  return { ...result, zeroEmbeddings: countZeroRows(unit, embedding) };
}

/** The same from distances that are there already: pair p has distances[p], and same[p] is 1 for a genuine pair. */
export function verifyDistances(
  distances: Float64Array,
  same: ArrayLike<number>,
  folds = 10,
): Omit<VerificationResult, "zeroEmbeddings"> {
  const ranges = foldRanges(distances.length, folds);
  const thresholds = Float64Array.from({ length: STEPS }, (_, i) => i * 0.01);
  const counts = ranges.map((range) => acceptedCounts(distances, same, range, thresholds));
  const genuine = counts.reduce((sum, fold) => sum + fold.genuine, 0);
  const impostor = distances.length - genuine;
  if (genuine === 0 || impostor === 0) {
    throw new Error(
      `verification: genuine and impostor pairs are needed, given ${genuine} genuine and ${impostor} impostor pairs.`,
    );
  }
  // Right decisions at threshold t: genuine pairs accepted and impostor pairs rejected.
  const right = counts.map((fold) =>
    thresholds.map((_, t) => fold.genuineAccepted[t] + fold.impostor - fold.impostorAccepted[t]),
  );
  const all = thresholds.map((_, t) => right.reduce((sum, fold) => sum + fold[t], 0));
  const results = ranges.map((range, k): FoldResult => {
    let best = 0;
    for (let t = 1; t < STEPS; t++) if (all[t] - right[k][t] > all[best] - right[k][best]) best = t;
    const fold = counts[k];
    return {
      ...range,
      threshold: thresholds[best],
      accuracy: right[k][best] / (range.end - range.start),
      trueAccept: fold.genuineAccepted.map((accepted) => (fold.genuine > 0 ? accepted / fold.genuine : 0)),
      falseAccept: fold.impostorAccepted.map((accepted) => (fold.impostor > 0 ? accepted / fold.impostor : 0)),
    };
  });
  const { mean, deviation } = meanAndDeviation(results.map((fold) => fold.accuracy));
  return {
    accuracy: mean,
    deviation,
    pairs: distances.length,
    thresholds,
    trueAccept: thresholds.map((_, t) => meanAndDeviation(results.map((fold) => fold.trueAccept[t])).mean),
    falseAccept: thresholds.map((_, t) => meanAndDeviation(results.map((fold) => fold.falseAccept[t])).mean),
    folds: results,
  };
}

/** ‖x/‖x‖ − y/‖y‖‖² of each pair: [N, E] → [P]. A row of zeros is at distance 1 from a unit row, at 0 from another row of zeros. */
export function pairDistances(embeddings: EmbeddingRows, embedding: number, pairs: Pairs): Float64Array {
  return unitDistances(normalizeRows(embeddings, embedding), embedding, pairs);
}

function unitDistances(unit: Float64Array, embedding: number, pairs: Pairs): Float64Array {
  checkPairs(pairs, countRows(unit, embedding));
  return Float64Array.from(pairs.first, (first, p) => {
    const a = first * embedding;
    const b = pairs.second[p] * embedding;
    let sum = 0;
    for (let e = 0; e < embedding; e++) sum += (unit[a + e] - unit[b + e]) ** 2;
    return sum;
  });
}
