/**
 * Mini-batch k-means (Sculley 2010, "Web-scale k-means clustering"): an iteration draws some rows, finds their centroids, and moves each of
 * these towards its rows by the rate 1 / (rows it has seen), so that a centroid is the mean of all rows it ever had.
 *
 * Of our own: the rows of one centroid in a batch are taken together, which gives the same mean, and after every so many batches as make
 * up all rows the centroids that have not seen one begin anew at the batch's farthest rows.
 */
import { drawDistinct, stream } from "../tensor/random.js";
import type { Problem } from "./assignment.js";
import { SearchTable, toUnitRows, type Centroids } from "./centroids.js";
import { squaredDistance } from "./distances.js";
import { gatherFrom } from "./rowSource.js";
import { Tally } from "./tally.js";

export interface MiniBatchStep {
  readonly centroids: Centroids;
  /** Rows that every centroid has seen by now. */
  readonly seen: Float64Array;
  /** Mean of ‖x − c‖² over the batch. */
  readonly meanDistance: number;
}

/** One batch. @param iteration from 0; with the seed it names the rows */
export async function miniBatchStep(
  { engine, source }: Problem,
  centroids: Centroids,
  seen: Float64Array,
  { iteration, batchRows, seed }: { iteration: number; batchRows: number; seed: number | string },
): Promise<MiniBatchStep> {
  const { columns, spherical } = centroids;
  const drawn = drawDistinct(batchRows, source.rows, stream(seed, "k-means", "mini-batch", iteration));
  const rows = await gatherFrom(source, drawn);
  const table = new SearchTable(engine, centroids);
  const labels = Int32Array.from((await table.search(rows).finally(() => table.dispose())).index);
  const distances = Array.from(labels, (label, i) =>
    squaredDistance(rows, i * columns, centroids.values, label * columns, columns),
  );
  const tally = new Tally(seen.length, columns);
  tally.add(rows, labels);
  const values = centroids.values.slice();
  for (const [j, count] of tally.counts.entries()) {
    if (count === 0) continue;
    const mean = Float64Array.from({ length: columns }, (_, k) => {
      const at = j * columns + k;
      return values[at] + (tally.sums[at] - count * values[at]) / (seen[j] + count);
    });
    if (spherical) toUnitRows(mean, columns);
    if (mean.some((value) => value !== 0) || !spherical) values.set(mean, j * columns);
  }
  const counts = seen.map((count, j) => count + tally.counts[j]);
  const epoch = Math.ceil(source.rows / batchRows);
  if ((iteration + 1) % epoch === 0) beginAnew(values, counts, rows, distances, columns);
  if (spherical) toUnitRows(values, columns);
  const meanDistance = distances.reduce((sum, distance) => sum + distance, 0) / batchRows;
  return { centroids: { ...centroids, values }, seen: counts, meanDistance };
}

/** Centroids that have seen nothing take the farthest rows, one each, as far as there are rows that lie anywhere else than their centroid. */
function beginAnew(
  values: Float32Array,
  seen: Float64Array,
  rows: Float32Array,
  distances: number[],
  columns: number,
): void {
  const unseen = [...seen.keys()].filter((j) => seen[j] === 0);
  const farthest = [...distances.keys()]
    .filter((i) => distances[i] > 0 && rows.subarray(i * columns, (i + 1) * columns).some((value) => value !== 0))
    .sort((a, b) => distances[b] - distances[a] || a - b);
  for (const [position, j] of unseen.entries()) {
    if (position >= farthest.length) return;
    const from = farthest[position] * columns;
    values.set(rows.subarray(from, from + columns), j * columns);
    seen[j] = 1;
  }
}
