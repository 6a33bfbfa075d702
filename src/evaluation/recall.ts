/**
 * Recall@K by self-retrieval: every image asks for its class among all the others; a hit when one of its K nearest has it.
 *
 * The definition of the metric-learning literature (Jégou et al. 2011; Oh Song et al., CVPR 2016): per query 0 or 1, averaged
 * over the queries. Nearest by cosine; of equal cosines the lower index comes first. A query whose class has no other image cannot be
 * answered: it is left out of the mean, counted, and stays in the gallery of the others.
 *
 * No list of neighbours is needed: with p the nearest image of the query's class, K suffices exactly when fewer than K images of other
 * classes come before p. So one counter a query is kept, and every cosine is used twice, for both its ends.
 * 21,395 x 128: 10 s on one thread of an EPYC server (`npm run test:long -- evaluation/recall` prints it).
 */
import { classGroups, type ClassGroups } from "./classGroups.js";
import { forEachCosineTile, forEachSimilarityBand, type CosineTile, type SimilarityBlock } from "./cosineTiles.js";
import { nearestNeighbours, type Neighbours } from "./nearestNeighbours.js";
import { checkedLabels, countRows, countZeroRows, normalizeRows, rowDot, type EmbeddingRows } from "./normalizeRows.js";

export interface RecallOptions {
  /** [N, E]; raw, they are normalised here. */
  readonly embeddings: EmbeddingRows;
  /** [N] */
  readonly labels: ArrayLike<number>;
  /** E */
  readonly embedding: number;
  /** The Ks, whole numbers ≥ 1; K ≥ N−1 is always a hit. */
  readonly ks: readonly number[];
  /** Similarities from elsewhere (an engine's matrix product), used instead of float64 products: see its docstring for precision. */
  readonly similarityBlock?: SimilarityBlock;
  /** Stops a long evaluation: the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Neighbours of the first images, for a report; always by float64 cosines. */
  readonly examples?: { readonly queries: number; readonly neighbours: number };
}

export interface RecallResult {
  /** In the order of `ks`; recall in [0, 1]. */
  readonly recall: readonly { readonly k: number; readonly recall: number }[];
  /** Queries that count, and queries whose class has no other image. */
  readonly queries: number;
  readonly leftOut: number;
  /** Embeddings without a direction, at cosine 0 from everything. */
  readonly zeroEmbeddings: number;
  readonly examples: readonly Neighbours[];
}

/** Recall at each K. Throws for embeddings, labels or Ks that do not fit, and when no class has two images. */
export async function recallAtK(options: RecallOptions): Promise<RecallResult> {
  const { embeddings, embedding, ks, similarityBlock, signal, examples } = options;
  const count = countRows(embeddings, embedding);
  const labels = checkedLabels(options.labels, count);
  for (const k of ks) {
    if (!Number.isInteger(k) || k < 1) throw new Error(`recallAtK: a K is a whole number ≥ 1, given ${ks.join(", ")}.`);
  }
  const unit = normalizeRows(embeddings, embedding);
  const groups = classGroups(labels);
  const ahead = similarityBlock
    ? await othersAheadInBands(labels, groups, similarityBlock, signal)
    : await othersAhead(unit, embedding, labels, groups, signal);
  let queries = 0;
  const hits = new Float64Array(ks.length);
  for (let p = 0; p < count; p++) {
    if (groups.end[p] - groups.start[p] < 2) continue;
    queries++;
    for (let k = 0; k < ks.length; k++) if (ahead[groups.order[p]] < ks[k]) hits[k]++;
  }
  if (queries === 0) {
    throw new Error(
      `recallAtK: a query needs another image of its class, but ${count} images have ${groups.classes} classes.`,
    );
  }
  return {
    recall: ks.map((k, i) => ({ k, recall: hits[i] / queries })),
    queries,
    leftOut: count - queries,
    zeroEmbeddings: countZeroRows(unit, embedding),
    examples: examples
      ? nearestNeighbours({
          embeddings,
          embedding,
          queries: Array.from({ length: Math.min(count, examples.queries) }, (_, query) => query),
          neighbours: examples.neighbours,
        })
      : [],
  };
}

/** For each image, how many images of other classes come before the nearest of its own. [N] */
async function othersAhead(
  unit: Float64Array,
  embedding: number,
  labels: Int32Array,
  groups: ClassGroups,
  signal?: AbortSignal,
): Promise<Int32Array> {
  const ahead = new Int32Array(labels.length);
  // The nearest of the own class. Without one the cosine stays +Infinity and nothing comes before it.
  const best = new Float64Array(labels.length).fill(Infinity);
  const bestIndex = new Int32Array(labels.length).fill(-1);
  groups.order.forEach((query, p) => {
    if (groups.end[p] - groups.start[p] < 2) return;
    best[query] = -Infinity;
    for (let q = groups.start[p]; q < groups.end[p]; q++) {
      if (q === p) continue;
      const cosine = rowDot(unit, embedding, query, groups.order[q]);
      if (cosine > best[query]) {
        best[query] = cosine;
        bestIndex[query] = groups.order[q]; // members lie in rising order: the first of equals has the lowest index
      }
    }
  });
  await forEachCosineTile(
    unit,
    embedding,
    ({ rowStart, rowEnd, columnStart, columnEnd, stride, values }: CosineTile) => {
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

/** The same from whole rows of given similarities: both the nearest and those before it are read from the query's own row. */
async function othersAheadInBands(
  labels: Int32Array,
  groups: ClassGroups,
  similarityBlock: SimilarityBlock,
  signal?: AbortSignal,
): Promise<Int32Array> {
  const count = labels.length;
  const ahead = new Int32Array(count);
  const position = new Int32Array(count);
  groups.order.forEach((image, p) => (position[image] = p));
  const visit = ({ rowStart, rowEnd, values }: CosineTile): void => {
    for (let query = rowStart; query < rowEnd; query++) {
      const row = (query - rowStart) * count;
      let [best, bestIndex] = [-Infinity, -1];
      for (let q = groups.start[position[query]]; q < groups.end[position[query]]; q++) {
        const image = groups.order[q];
        if (image === query || values[row + image] <= best) continue;
        best = values[row + image];
        bestIndex = image;
      }
      if (bestIndex < 0) continue;
      for (let j = 0; j < count; j++) {
        const similarity = values[row + j];
        if (similarity < best || labels[j] === labels[query]) continue;
        if (similarity > best || j < bestIndex) ahead[query]++;
      }
    }
  };
  await forEachSimilarityBand(count, similarityBlock, visit, signal);
  return ahead;
}
