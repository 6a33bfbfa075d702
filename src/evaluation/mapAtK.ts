/**
 * mAP@K from embeddings: every query ranks the gallery, and an image is relevant when it has the query's label.
 *
 * `averagePrecision.ts` says what is averaged. A query without a relevant image has no average precision: it is left out of the mean and counted.
 */
import { averagePrecisionOfHits } from "./averagePrecision.js";
import { normalizeRows, type EmbeddingRows } from "./normalizeRows.js";
import { forEachRanking } from "./rankings.js";
import { retrievalTask, type RetrievalOptions } from "./retrievalTask.js";

export interface MapAtKOptions extends RetrievalOptions {
  /** K, default 100. */
  readonly limit?: number;
  /** By the cosine (default), or by the inner product of raw embeddings, as the landmarks' protocol has it; of equal ones the lower index first. */
  readonly by?: "cosine" | "product";
}

export interface MapAtKResult {
  /** In [0, 1]. */
  readonly map: number;
  /** Queries that count, and those without a relevant image. */
  readonly queries: number;
  readonly leftOut: number;
  readonly zeroEmbeddings: number;
}

/** Throws for embeddings, labels or a K that do not fit, and when no query has a relevant image. */
export async function mapAtK(options: MapAtKOptions): Promise<MapAtKResult> {
  const { embedding, limit = 100, by = "cosine", rowProduct, signal } = options;
  if (!Number.isInteger(limit) || limit < 1) throw new Error(`mapAtK: K is a whole number ≥ 1, given ${limit}.`);
  const prepare = (rows: EmbeddingRows): { rows: Float64Array; width: number } => ({
    rows: by === "cosine" ? normalizeRows(rows, embedding) : Float64Array.from(rows),
    width: embedding,
  });
  const task = retrievalTask("mapAtK", options, prepare);
  const { queryLabels, galleryLabels, relevant, zeroEmbeddings } = task;
  let [sum, queries] = [0, 0];
  await forEachRanking({ ...task, limit, rowProduct, signal }, (query, ranking) => {
    if (relevant[query] === 0) return;
    const hits = Array.from(ranking, (image) => galleryLabels[image] === queryLabels[query]);
    sum += averagePrecisionOfHits(hits, relevant[query], limit);
    queries++;
  });
  if (queries === 0) {
    throw new Error(
      `mapAtK: a query needs a relevant image, but none of ${queryLabels.length} queries finds its class among ${galleryLabels.length} images.`,
    );
  }
  return { map: sum / queries, queries, leftOut: queryLabels.length - queries, zeroEmbeddings };
}
