/** What came out of a clustering, in numbers: for `cluster.json`, and as a small table. */
import Table from "cli-table3";
import { normalizedMutualInformation, purity } from "../../evaluation/clusterAgreement.js";
import type { PairFeatures } from "../../training/pairFeatures.node.js";
import { clusterSizes, type KMeansResult, type LimitedClusters } from "../../unicom/index.js";
import type { Iteration } from "./clusterFolder.js";

export interface ClusterReport {
  readonly rows: number;
  readonly columns: number;
  readonly fusion: string;
  /** Rows of zeros: of flat images, of two sides that cancel. */
  readonly withoutDirection: number;
  /** Clusters in labels.npy and centroids.npy. */
  readonly clusters: number;
  readonly converged: boolean;
  /** Σ ‖x − c‖² in the end, of all clusters. */
  readonly inertia: number;
  readonly iterations: readonly Iteration[];
  /** Clusters without a row, left out. */
  readonly empty: number;
  /** Rows that lost their label because their cluster was too small, or too large. */
  readonly dropped: LimitedClusters["dropped"];
  readonly sizes: {
    readonly least: number;
    readonly median: number;
    readonly largest: number;
    /** Clusters of `from` to `to` rows. */
    readonly histogram: readonly { readonly from: number; readonly to: number; readonly clusters: number }[];
  };
  /** Of the rows that have a label, where true classes are known. */
  readonly purity?: number;
  readonly normalizedMutualInformation?: number;
  readonly trueClasses?: number;
  readonly seconds: number;
}

interface Outcome {
  readonly pairs: PairFeatures;
  readonly found: KMeansResult;
  readonly limited: LimitedClusters;
  readonly history: readonly Iteration[];
  readonly seconds: number;
}

export function clusterReport({ pairs, found, limited, history, seconds }: Outcome): ClusterReport {
  const { rows, columns, fusion, withoutDirection, classes } = pairs;
  const sizes = clusterSizes(limited.labels, limited.clusters).sort();
  return {
    ...{ rows, columns, fusion, withoutDirection, clusters: limited.clusters },
    ...{ converged: found.converged, inertia: found.inertia, iterations: history, empty: found.empty },
    dropped: limited.dropped,
    sizes: {
      least: sizes[0],
      median: sizes[sizes.length >> 1],
      largest: sizes[sizes.length - 1],
      histogram: histogramOf(sizes),
    },
    ...(classes && {
      purity: purity(limited.labels, classes),
      normalizedMutualInformation: normalizedMutualInformation(limited.labels, classes),
      trueClasses: new Set(classes.filter((label) => label >= 0)).size,
    }),
    seconds,
  };
}

/** Sizes 1, 2, 3 to 4, 5 to 8, …; `sizes` rise. */
function histogramOf(sizes: Int32Array): ClusterReport["sizes"]["histogram"] {
  const bins: { from: number; to: number; clusters: number }[] = [];
  for (let from = 1, to = 1; from <= sizes[sizes.length - 1]; from = to + 1, to *= 2) {
    bins.push({ from, to, clusters: sizes.filter((size) => size >= from && size <= to).length });
  }
  return bins;
}

export function clusterTable(report: ClusterReport): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const { rows, clusters, fusion, sizes, inertia, iterations, dropped } = report;
  const columns: [string, string][] = [
    ["rows", String(rows)],
    ["fusion", fusion],
    ["clusters", String(clusters)],
    ["sizes: least, median, largest", `${sizes.least}, ${sizes.median}, ${sizes.largest}`],
    ["iterations", String(iterations.length)],
    ["inertia a row", (inertia / rows).toFixed(4)],
  ];
  const left = dropped.small + dropped.beyondMost;
  if (left > 0) columns.push(["rows left out", String(left)]);
  if (report.purity !== undefined) {
    columns.push(["purity", percent(report.purity)], ["NMI", report.normalizedMutualInformation!.toFixed(3)]);
  }
  columns.push(["seconds", report.seconds.toFixed(1)]);
  const table = new Table({ head: columns.map(([name]) => name), style: { head: [], border: [] } });
  table.push(columns.map(([, value]) => value));
  return table.toString();
}
