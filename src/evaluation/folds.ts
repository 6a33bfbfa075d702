/**
 * Contiguous folds, and how many pairs of a fold each threshold accepts.
 *
 * P pairs in K folds: the first P mod K folds are one pair longer (the rule of scikit-learn's KFold without shuffling, which the reference
 * evaluation of face sets uses). A pair is accepted when its distance is strictly below the threshold.
 */

/** Pairs [start, end). */
export interface FoldRange {
  readonly start: number;
  readonly end: number;
}

export interface AcceptedCounts {
  readonly genuine: number;
  readonly impostor: number;
  /** Pairs with distance < thresholds[t]. [T] */
  readonly genuineAccepted: Float64Array;
  readonly impostorAccepted: Float64Array;
}

/** P pairs in K contiguous folds. Throws unless 2 ≤ K ≤ P. */
export function foldRanges(pairs: number, folds: number): FoldRange[] {
  if (!Number.isInteger(folds) || folds < 2 || folds > pairs) {
    throw new Error(
      `folds: a whole number from 2 to the number of pairs is needed; given ${folds} folds of ${pairs} pairs.`,
    );
  }
  const size = Math.floor(pairs / folds);
  const longer = pairs % folds;
  return Array.from({ length: folds }, (_, k) => {
    const start = k * size + Math.min(k, longer);
    return { start, end: start + size + (k < longer ? 1 : 0) };
  });
}

/** Counts of one range of pairs at each of the evenly spaced, rising `thresholds`. Throws for a distance that is not a number. */
export function acceptedCounts(
  distances: Float64Array,
  same: ArrayLike<number>,
  { start, end }: FoldRange,
  thresholds: Float64Array,
): AcceptedCounts {
  const steps = thresholds.length;
  const spacing = thresholds[1] - thresholds[0];
  const genuineAccepted = new Float64Array(steps);
  const impostorAccepted = new Float64Array(steps);
  let genuine = 0;
  for (let p = start; p < end; p++) {
    const distance = distances[p];
    if (Number.isNaN(distance))
      throw new Error(`verification: a distance must be a number, but that of pair ${p} is NaN.`);
    // The first threshold above the distance: a guess by division, put right by comparing (0.01 has no exact double).
    let t = Math.max(0, Math.min(steps, Math.floor(distance / spacing)));
    while (t > 0 && distance < thresholds[t - 1]) t--;
    while (t < steps && !(distance < thresholds[t])) t++;
    if (same[p]) genuine++;
    if (t < steps) (same[p] ? genuineAccepted : impostorAccepted)[t]++;
  }
  for (let t = 1; t < steps; t++) {
    genuineAccepted[t] += genuineAccepted[t - 1];
    impostorAccepted[t] += impostorAccepted[t - 1];
  }
  return { genuine, impostor: end - start - genuine, genuineAccepted, impostorAccepted };
}

/** Mean and POPULATION standard deviation (divided by n, as NumPy's `std`). */
export function meanAndDeviation(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}
