/** What came out of a clustering: in numbers for `cluster.json`, and as a small table. */
import Table from "cli-table3";
import { clusterReport, type ClusterReport } from "../../evaluation/clusterReport.js";
import type { PairFeatures } from "../../training/pairFeatures.node.js";
import type { KMeansResult, LimitedClusters } from "../../unicom/index.js";
import type { Iteration } from "./clusterFolder.js";

/** The report is of the clusters in labels.npy and centroids.npy; the inertia is of all rows and the clusters that k-means found. */
export interface ClusterResult extends ClusterReport {
  readonly fusion: string;
  readonly columns: number;
  /** Rows of zeros: of flat images, of two sides that cancel. */
  readonly withoutDirection: number;
  readonly converged: boolean;
  readonly iterations: readonly Iteration[];
  /** By the limits of sizes; clusters without a row always are. */
  readonly leftOut: {
    readonly emptyClusters: number;
    readonly rowsOfSmallClusters: number;
    readonly rowsBeyondMost: number;
  };
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

export function clusterResult({ pairs, found, limited, history, seconds }: Outcome): ClusterResult {
  const { columns, fusion, withoutDirection, classes } = pairs;
  const { small, beyondMost } = limited.dropped;
  return {
    ...clusterReport(limited.labels, limited.clusters, { inertia: found.inertia, ...(classes && { classes }) }),
    ...{ fusion, columns, withoutDirection, converged: found.converged, iterations: history },
    leftOut: { emptyClusters: found.empty, rowsOfSmallClusters: small, rowsBeyondMost: beyondMost },
    ...(classes && { trueClasses: new Set(classes.filter((label) => label >= 0)).size }),
    seconds,
  };
}

export function clusterTable(result: ClusterResult): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const { rows, unlabelled, clusters, fusion, sizes, inertia, iterations, agreement, seconds, leftOut } = result;
  // of mini-batches no labels are kept, so that nobody knows whether they settled
  const isUnsettled = !result.converged && iterations.some(({ changed }) => changed !== undefined);
  const columns: [string, string][] = [
    ["rows", String(rows + unlabelled)],
    ["fusion", fusion],
    [
      "clusters",
      leftOut.emptyClusters > 0 ? `${clusters}, and ${leftOut.emptyClusters} without rows` : String(clusters),
    ],
    ["sizes: least, median, largest", `${sizes.smallest}, ${sizes.median}, ${sizes.largest}`],
    ["iterations", `${iterations.length}${isUnsettled ? ", labels not settled" : ""}`],
    ["inertia a row", (inertia / (rows + unlabelled)).toFixed(4)],
  ];
  if (unlabelled > 0) columns.push(["rows left out", String(unlabelled)]);
  if (agreement) {
    const { purity, normalizedMutualInformation } = agreement;
    columns.push(["purity", percent(purity)], ["NMI", normalizedMutualInformation.toFixed(3)]);
  }
  columns.push(["seconds", seconds.toFixed(1)]);
  const table = new Table({ head: columns.map(([name]) => name), style: { head: [], border: [] } });
  table.push(columns.map(([, value]) => value));
  return table.toString();
}
