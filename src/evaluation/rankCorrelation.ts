/**
 * Spearman's rank correlation: do two scores put things in the same order? ("The proof and measurement of association
 * between two things", 1904)
 *
 * The correlation of the ranks, so that any strictly rising map of either side leaves it alone. Equal values share the mean of the ranks
 * they cover; with ties the shortcut 1 − 6Σd²/(n³ − n) would be wrong, so the correlation is computed as such.
 *
 * Left out: significance, Kendall's tau.
 */

/**
 * Spearman's correlation of a and b, both [N], in [−1, 1].
 *
 * NaN where it has no meaning: fewer than two values, or all values of one side equal. Throws when the lengths differ or a value is NaN.
 */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) {
    throw new Error(`rankCorrelation: values are compared two by two; given ${a.length} and ${b.length} values.`);
  }
  const [ranksA, ranksB] = [meanRanks(a), meanRanks(b)];
  const mean = (a.length + 1) / 2; // of 1 … N, and sharing a mean does not change the sum
  let [covariance, varianceA, varianceB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [fromA, fromB] = [ranksA[i] - mean, ranksB[i] - mean];
    covariance += fromA * fromB;
    varianceA += fromA * fromA;
    varianceB += fromB * fromB;
  }
  // a product of two roots rounds beyond the covariance now and then
  return Math.max(-1, Math.min(1, covariance / Math.sqrt(varianceA * varianceB)));
}

/** The rank 1 … N of each value, smallest first; equal values share the mean of theirs. [N] → [N] */
function meanRanks(values: ArrayLike<number>): Float64Array {
  const order = Int32Array.from({ length: values.length }, (_, i) => i).sort((i, j) => values[i] - values[j]);
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    if (Number.isNaN(values[order[from]])) {
      throw new Error(`rankCorrelation: NaN has no rank, but value ${order[from]} of ${values.length} is NaN.`);
    }
    let to = from + 1;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let place = from; place < to; place++) ranks[order[place]] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}
