/**
 * VAL@FAR: the share of genuine pairs accepted at a threshold that lets through a given share of impostors on the other folds.
 *
 * FaceNet (CVPR 2015, section 4) names the two rates; the K-fold form is that of the evaluation beside ArcFace. For each fold, the
 * false accept rate of the other folds is taken at 0, 0.001 … 3.999 and joined by straight lines; the threshold is the LARGEST at which
 * that line does not exceed the target. Where the rate repeats (most of the range) this is well defined, while the reference's
 * interpolation of threshold over rate fails on repeated rates. Another departure: when no threshold reaches the target, the largest one
 * is taken (it keeps the promise); the reference takes 0, which rejects every pair.
 */
import { acceptedCounts, foldRanges, meanAndDeviation, type FoldRange } from "./folds.js";

const STEPS = 4000;

export interface ValidationFold extends FoldRange {
  readonly threshold: number;
  /** Shares of this fold's genuine and impostor pairs that are accepted; absent where the fold has no such pair. */
  readonly validation?: number;
  readonly falseAccept?: number;
}

export interface ValidationAtFar {
  /** The target. */
  readonly far: number;
  /** Mean and population standard deviation over the folds that have genuine pairs. */
  readonly validation: number;
  readonly deviation: number;
  /** What the held-out impostors really got: mean over the folds that have any. */
  readonly falseAccept: number;
  /** False when a fold's threshold was set on fewer than 1/far impostor pairs: the target then lies below one single false accept. */
  readonly resolved: boolean;
  readonly folds: readonly ValidationFold[];
}

/**
 * VAL@FAR over K folds of pairs with squared distances of unit embeddings (`pairDistances`); same[p] is 1 for a genuine pair.
 *
 * Throws unless 0 ≤ far ≤ 1, and when the genuine pairs or the impostors of some K − 1 folds are missing.
 */
export function validationAtFar(
  distances: Float64Array,
  same: ArrayLike<number>,
  far = 1e-3,
  folds = 10,
): ValidationAtFar {
  if (!(far >= 0 && far <= 1)) throw new Error(`validationAtFar: a false accept rate lies in 0 .. 1, given ${far}.`);
  const thresholds = Float64Array.from({ length: STEPS }, (_, t) => t * 0.001);
  const ranges = foldRanges(distances.length, folds);
  const counts = ranges.map((range) => acceptedCounts(distances, same, range, thresholds));
  const total = thresholds.map((_, t) => counts.reduce((sum, fold) => sum + fold.impostorAccepted[t], 0));
  const impostors = counts.reduce((sum, fold) => sum + fold.impostor, 0);
  let resolved = true;
  const results = ranges.map((range, k): ValidationFold => {
    const training = impostors - counts[k].impostor;
    if (training === 0) {
      throw new Error(
        `validationAtFar: the threshold of fold ${k} is set on the impostor pairs of the other folds, but there are none (${impostors} impostors among ${distances.length} pairs, ${folds} folds).`,
      );
    }
    if (1 / training > far) resolved = false;
    const rates = total.map((accepted, t) => (accepted - counts[k].impostorAccepted[t]) / training);
    const threshold = largestThreshold(rates, thresholds, far);
    let [genuineAccepted, impostorAccepted] = [0, 0];
    for (let p = range.start; p < range.end; p++) {
      if (distances[p] < threshold)
        if (same[p]) genuineAccepted++;
        else impostorAccepted++;
    }
    const { genuine, impostor } = counts[k];
    return {
      ...range,
      threshold,
      ...(genuine > 0 && { validation: genuineAccepted / genuine }),
      ...(impostor > 0 && { falseAccept: impostorAccepted / impostor }),
    };
  });
  const validations = results.flatMap((fold) => fold.validation ?? []);
  if (validations.length === 0) {
    throw new Error(`validationAtFar: genuine pairs are needed, given none among ${distances.length} pairs.`);
  }
  const { mean, deviation } = meanAndDeviation(validations);
  const falseAccept = meanAndDeviation(results.flatMap((fold) => fold.falseAccept ?? [])).mean;
  return { far, validation: mean, deviation, falseAccept, resolved, folds: results };
}

/** The largest t at which the line through (thresholds, rates), rates rising from 0, does not exceed `far`. */
function largestThreshold(rates: Float64Array, thresholds: Float64Array, far: number): number {
  let i = rates.length - 1;
  while (rates[i] > far) i--; // ends: no distance lies below the threshold 0, so rates[0] = 0
  if (i === rates.length - 1) return thresholds[i];
  const along = (far - rates[i]) / (rates[i + 1] - rates[i]);
  return thresholds[i] + along * (thresholds[i + 1] - thresholds[i]);
}
