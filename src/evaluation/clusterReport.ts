/** What is said about a clustering: how tight it is, how large its clusters are, and how well they agree with classes where these are known. */
import { normalizedMutualInformation, purity } from "./clusterAgreement.js";

export interface ClusterReport {
  /** Rows that belong to a cluster. */
  readonly rows: number;
  /** Rows that belong to none (−1). */
  readonly unlabelled: number;
  readonly clusters: number;
  readonly empty: number;
  /** Σ ‖x − c‖², as it was given. */
  readonly inertia: number;
  readonly sizes: {
    readonly smallest: number;
    readonly median: number;
    readonly mean: number;
    readonly largest: number;
  };
  /** Clusters of `from` to `to` rows: 0, 1, 2–3, 4–7, 8–15, … up to the largest. */
  readonly histogram: readonly { readonly from: number; readonly to: number; readonly clusters: number }[];
  /** Against true labels, where they are known; rows without a cluster or a class (−1) are left out. */
  readonly agreement?: { readonly purity: number; readonly normalizedMutualInformation: number };
}

/**
 * @param labels −1 … clusters − 1
 * @throws Error for a label outside, or true labels of another number
 */
export function clusterReport(
  labels: Int32Array,
  clusters: number,
  { inertia, classes }: { readonly inertia: number; readonly classes?: Int32Array },
): ClusterReport {
  const counts = new Float64Array(clusters);
  for (const [row, label] of labels.entries()) {
    if (label < -1 || label >= clusters) {
      throw new Error(
        `clusterReport: labels go from −1 (none) to ${clusters - 1}; the label of row ${row} is ${label}.`,
      );
    }
    if (label >= 0) counts[label]++;
  }
  const sorted = counts.toSorted();
  const rows = sorted.reduce((sum, count) => sum + count, 0);
  const middle = (sorted[Math.floor((clusters - 1) / 2)] + sorted[Math.ceil((clusters - 1) / 2)]) / 2;
  const sizes = { smallest: sorted[0], median: middle, mean: rows / clusters, largest: sorted[clusters - 1] };
  const agreement = classes && {
    purity: purity(labels, classes),
    normalizedMutualInformation: normalizedMutualInformation(labels, classes),
  };
  return {
    rows,
    unlabelled: labels.length - rows,
    clusters,
    empty: counts.reduce((sum, count) => sum + Number(count === 0), 0),
    inertia,
    sizes,
    histogram: histogramOf(sorted),
    ...(agreement && { agreement }),
  };
}

function histogramOf(sorted: Float64Array): ClusterReport["histogram"] {
  const bins: { from: number; to: number; clusters: number }[] = [];
  const largest = sorted[sorted.length - 1];
  for (let from = 0, to = 0; from <= largest; [from, to] = [to + 1, 2 * to + 1]) {
    bins.push({ from, to, clusters: sorted.reduce((sum, size) => sum + Number(size >= from && size <= to), 0) });
  }
  return bins;
}
