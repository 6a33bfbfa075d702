/**
 * For each query, how many images of other classes come before the nearest of its own: the one number from which recall at every K follows.
 *
 * Of equal similarities the lower index comes first, unless ties are favourable. Infinity where the gallery has nothing of the query's class.
 */
import { classGroups, type ClassGroups } from "./classGroups.js";
import { forEachCosineTile } from "./cosineTiles.js";
import { rowDot } from "./normalizeRows.js";
import type { RetrievalTask } from "./retrievalTask.js";
import { forEachSimilarityBand, type BandOptions } from "./similarityBands.js";

export interface OthersAheadOptions extends Omit<RetrievalTask, "zeroEmbeddings">, BandOptions {
  /** What is left out of a query's own gallery: the image of its number, or whatever comes first. */
  readonly exclude: "index" | "nearest";
  /** Whether images of other classes that are as near as the nearest of the own class come before it by their index, or never. */
  readonly ties?: "index" | "favourable";
}

/** The definition, from whole rows of similarities: both the nearest of the own class and those before it are read from one row. [Q] */
export async function othersAhead(options: OthersAheadOptions): Promise<Float64Array> {
  const { queryLabels, galleryLabels, isSelf, exclude, ties = "index" } = options;
  const ahead = new Float64Array(queryLabels.length);
  const groups = classGroups(galleryLabels);
  const positions = firstPositions(galleryLabels, groups);
  await forEachSimilarityBand(options, ({ rowStart, rowEnd, columnEnd, stride, values }) => {
    for (let query = rowStart; query < rowEnd; query++) {
      const row = values.subarray((query - rowStart) * stride, (query - rowStart) * stride + columnEnd);
      const label = queryLabels[query];
      const from = positions.get(label);
      const members = from === undefined ? groups.order.subarray(0, 0) : groups.order.subarray(from, groups.end[from]);
      const skipped = isSelf && exclude === "index" ? query : -1;
      const [nearest, next] = nearestTwo(row, members, skipped);
      if (ties === "favourable") {
        ahead[query] = othersNearer(row, nearest, label, galleryLabels);
        continue;
      }
      const before = othersBefore(row, nearest, label, galleryLabels);
      if (!isSelf || exclude === "index") ahead[query] = before;
      // the dropped first image was of another class, or of the own: then the own class begins with its next image
      else ahead[query] = before > 0 ? before - 1 : othersBefore(row, next, label, galleryLabels);
    }
  });
  return ahead;
}

/** Where each class begins in `groups.order`. */
function firstPositions(labels: Int32Array, groups: ClassGroups): Map<number, number> {
  const positions = new Map<number, number>();
  for (let p = 0; p < labels.length; p = groups.end[p]) positions.set(labels[groups.order[p]], p);
  return positions;
}

/** The two nearest of `members`, which rise, without `skipped`; −1 where there is none. */
function nearestTwo(row: ArrayLike<number>, members: Int32Array, skipped: number): [number, number] {
  let [nearest, next] = [-1, -1];
  for (const image of members) {
    if (image === skipped) continue;
    if (nearest < 0 || row[image] > row[nearest]) [nearest, next] = [image, nearest];
    else if (next < 0 || row[image] > row[next]) next = image;
  }
  return [nearest, next];
}

function othersBefore(row: Float64Array | Float32Array, image: number, label: number, labels: Int32Array): number {
  if (image < 0) return Infinity;
  const similarity = row[image];
  let others = 0;
  for (let j = 0; j < row.length; j++) {
    if (row[j] < similarity || labels[j] === label) continue;
    if (row[j] > similarity || j < image) others++;
  }
  return others;
}

function othersNearer(row: Float64Array | Float32Array, image: number, label: number, labels: Int32Array): number {
  if (image < 0) return Infinity;
  let others = 0;
  for (let j = 0; j < row.length; j++) if (row[j] > row[image] && labels[j] !== label) others++;
  return others;
}

/**
 * The same for queries that are each other's gallery, by product and without themselves: every product is used twice, for both its ends.
 * 21,395 x 128: 10 s on one thread of an EPYC server (`npm run test:long -- evaluation/recall` prints it).
 */
export async function othersAheadInTriangle(
  { queries: rows, width, queryLabels: labels }: RetrievalTask,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const groups = classGroups(labels);
  const ahead = new Float64Array(labels.length).fill(Infinity);
  // The nearest of the own class. Without one the cosine stays +Infinity and nothing comes before it.
  const best = new Float64Array(labels.length).fill(Infinity);
  const bestIndex = new Int32Array(labels.length).fill(-1);
  groups.order.forEach((query, p) => {
    if (groups.end[p] - groups.start[p] < 2) return;
    ahead[query] = 0;
    best[query] = -Infinity;
    for (let q = groups.start[p]; q < groups.end[p]; q++) {
      if (q === p) continue;
      const cosine = rowDot(rows, width, query, groups.order[q]);
      if (cosine > best[query]) {
        best[query] = cosine;
        bestIndex[query] = groups.order[q]; // members lie in rising order: the first of equals has the lowest index
      }
    }
  });
  await forEachCosineTile(
    rows,
    width,
    ({ rowStart, rowEnd, columnStart, columnEnd, stride, values }) => {
      for (let i = rowStart; i < rowEnd; i++) {
        const from = (i - rowStart) * stride - columnStart;
        const [bestOfI, bestIndexOfI, labelOfI] = [best[i], bestIndex[i], labels[i]];
        for (let j = Math.max(columnStart, i + 1); j < columnEnd; j++) {
          const cosine = values[from + j];
          if (cosine < bestOfI && cosine < best[j]) continue; // nearly always
          if (labels[j] === labelOfI) continue;
          if (cosine > bestOfI || (cosine === bestOfI && j < bestIndexOfI)) ahead[i]++;
          if (cosine > best[j] || (cosine === best[j] && i < bestIndex[j])) ahead[j]++;
        }
      }
    },
    signal,
  );
  return ahead;
}
