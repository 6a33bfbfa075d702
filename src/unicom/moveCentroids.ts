/**
 * Second half of an iteration: every centroid goes to the mean of its rows (scaled to length one if spherical), and clusters that
 * nobody belongs to begin anew at rows that lie badly.
 *
 * An empty cluster takes from the largest one the row farthest from its centroid; if there are more of them, the largest is the
 * largest after that. Of equals the lowest number counts.
 */
import { toUnitRows, type Centroids } from "./centroids.js";
import { readRows, type RowSource } from "./rowSource.js";
import type { Tally } from "./tally.js";

/** Of every row. */
export interface RowFacts {
  readonly labels: Int32Array;
  /** ‖x − c‖² */
  readonly distances: Float64Array;
  /** ‖x‖² if spherical: rows without a direction begin no cluster. */
  readonly squares: Float64Array;
}

/**
 * The next centroids, and how many clusters began anew. `tally` is changed by those.
 *
 * @throws Error where no cluster has a row to give: there are fewer different rows than clusters
 */
export async function moveCentroids(
  source: RowSource,
  centroids: Centroids,
  tally: Tally,
  facts: RowFacts,
): Promise<{ centroids: Centroids; reseeded: number }> {
  const reseeded = await reseed(source, centroids, tally, facts);
  const { columns, spherical } = centroids;
  const means = tally.sums.slice();
  for (let j = 0; j < tally.counts.length; j++) {
    for (let k = j * columns; k < (j + 1) * columns; k++) means[k] /= tally.counts[j];
  }
  if (spherical) {
    toUnitRows(means, columns);
    keepWithoutDirection(means, centroids);
  }
  return { centroids: { ...centroids, values: Float32Array.from(means) }, reseeded };
}

/** Rows that cancel have no mean direction: their centroid stays where it is. */
function keepWithoutDirection(means: Float64Array, { values, columns }: Centroids): void {
  for (let start = 0; start < means.length; start += columns) {
    const end = start + columns;
    if (means.subarray(start, end).every((value) => value === 0)) means.set(values.subarray(start, end), start);
  }
}

async function reseed(source: RowSource, centroids: Centroids, tally: Tally, facts: RowFacts): Promise<number> {
  const { counts } = tally;
  const empty = [...counts.keys()].filter((j) => counts[j] === 0);
  if (empty.length === 0) return 0;
  const farthest = new FarthestRows(facts, centroids.spherical);
  for (const cluster of empty) {
    const row = farthest.takeFrom(counts);
    if (row === undefined) {
      throw new Error(
        `k-means: ${counts.length} clusters need as many different rows; ${empty.length - empty.indexOf(cluster)} clusters of ` +
          `${source.rows} rows stay empty because all others consist of equal rows.`,
      );
    }
    tally.move(await readRows(source, row, row + 1), facts.labels[row], cluster);
  }
  return empty.length;
}

/** Rows of a cluster from the farthest on, for the clusters that are asked. */
class FarthestRows {
  private readonly left = new Map<number, number[]>();

  constructor(
    private readonly facts: RowFacts,
    private readonly spherical: boolean,
  ) {}

  /** The farthest row of the largest cluster that has one to give, each row once; undefined where none has. */
  takeFrom(counts: Float64Array): number | undefined {
    const exhausted = new Set<number>();
    for (;;) {
      let largest = -1;
      for (let j = 0; j < counts.length; j++) {
        if (counts[j] > 1 && !exhausted.has(j) && (largest < 0 || counts[j] > counts[largest])) largest = j;
      }
      if (largest < 0) return undefined;
      const row = this.rowsOf(largest).pop();
      if (row !== undefined) return row;
      exhausted.add(largest);
    }
  }

  /** Ascending by distance, those at a distance of 0 left out: they are what the centroid is already. */
  private rowsOf(cluster: number): number[] {
    const { labels, distances, squares } = this.facts;
    const known = this.left.get(cluster);
    if (known) return known;
    const rows: number[] = [];
    for (let row = labels.length - 1; row >= 0; row--) {
      const hasPlace = distances[row] > 0 && (!this.spherical || squares[row] > 0);
      if (labels[row] === cluster && hasPlace) rows.push(row);
    }
    rows.sort((a, b) => distances[a] - distances[b] || b - a);
    this.left.set(cluster, rows);
    return rows;
  }
}
