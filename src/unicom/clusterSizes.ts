/**
 * Clusters that are too small or too large to be classes: dropped, or thinned out. Both are off unless asked for; the paper documents
 * neither.
 */
import { drawDistinct, stream } from "../tensor/random.js";

export interface ClusterSizeLimits {
  /** Clusters with fewer rows are dropped. Default 1: those without any. */
  readonly minClusterSize?: number;
  /** So many rows of a larger cluster are kept, drawn evenly. Default: all. */
  readonly maxPerCluster?: number;
  /** Of the draw. */
  readonly seed?: number | string;
}

export interface LimitedClusters {
  /** From 0 without gaps, in the order of the old numbers; −1 for rows of no class any more. */
  readonly labels: Int32Array;
  /** Number of clusters that are left. */
  readonly clusters: number;
  /** Old number of every cluster that is left. */
  readonly kept: Int32Array;
  /** Rows that lost their label, by reason. */
  readonly dropped: { readonly small: number; readonly beyondMost: number };
}

/**
 * Rows whose label is −1 already count nowhere and stay so.
 *
 * @param clusters labels are −1 … clusters − 1
 * @throws Error about limits that are no whole numbers from 1 or contradict each other, and labels outside
 */
export function limitClusterSizes(
  labels: Int32Array,
  clusters: number,
  { minClusterSize = 1, maxPerCluster = Infinity, seed = 0 }: ClusterSizeLimits = {},
): LimitedClusters {
  checkLimits(minClusterSize, maxPerCluster);
  const sizes = clusterSizes(labels, clusters);
  const kept = Int32Array.from(sizes.keys()).filter((cluster) => sizes[cluster] >= minClusterSize);
  const renumbered = new Int32Array(clusters).fill(-1);
  for (const [position, cluster] of kept.entries()) renumbered[cluster] = position;

  const limited = labels.map((label) => (label < 0 ? -1 : renumbered[label]));
  const unlabelled = (all: Int32Array): number => all.reduce((count, label) => count + Number(label < 0), 0);
  const small = unlabelled(limited) - unlabelled(labels);
  let beyondMost = 0;
  for (const [position, rows] of membersOf(limited, kept.length).entries()) {
    if (rows.length <= maxPerCluster) continue;
    const random = stream(seed, "limitClusterSizes", kept[position]);
    const chosen = new Set(drawDistinct(maxPerCluster, rows.length, random));
    for (const [place, row] of rows.entries()) if (!chosen.has(place)) limited[row] = -1;
    beyondMost += rows.length - maxPerCluster;
  }
  return { labels: limited, clusters: kept.length, kept, dropped: { small, beyondMost } };
}

/** Rows of every cluster; −1 is none. @throws Error for a label outside −1 … clusters − 1 */
export function clusterSizes(labels: Int32Array, clusters: number): Int32Array {
  const sizes = new Int32Array(clusters);
  for (const [row, label] of labels.entries()) {
    if (label < -1 || label >= clusters) {
      throw new Error(`cluster labels go from −1 (none) to ${clusters - 1}; the label of row ${row} is ${label}.`);
    }
    if (label >= 0) sizes[label]++;
  }
  return sizes;
}

function membersOf(labels: Int32Array, clusters: number): number[][] {
  const members = Array.from({ length: clusters }, (): number[] => []);
  for (const [row, label] of labels.entries()) if (label >= 0) members[label].push(row);
  return members;
}

function checkLimits(least: number, most: number): void {
  const isWhole = (limit: number): boolean => Number.isInteger(limit) && limit >= 1;
  if (isWhole(least) && (isWhole(most) || most === Infinity) && least <= most) return;
  throw new Error(
    `limitClusterSizes: minClusterSize and maxPerCluster are whole numbers from 1, the first not above the second; ` +
      `given ${least} and ${most}.`,
  );
}
