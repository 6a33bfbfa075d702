/**
 * Retrieval from a gallery, and Recall@1 of embeddings cut to their first dimensions (Unicom, ICLR 2023, section 4).
 *
 * An embedding is normalised with all its dimensions and cut afterwards, not normalised again: what is left may be
 * shorter than one, so that the Euclidean distance and the cosine rank differently. The distance ranks, as in Unicom's public code. There every
 * query counts, one without an image of its class as a miss (`recallAtK` leaves it out), and a query among its own gallery is assumed
 * to come first; here it is left out by its number, which differs only where another image is equal to it.
 */
import { checkedLabels, countRows, normalizeRows, rowDot, type EmbeddingRows } from "./normalizeRows.js";
import { rankByScore } from "./rankByScore.js";

export interface LabelledRows {
  /** [N, E], raw. */
  readonly embeddings: EmbeddingRows;
  /** [N] */
  readonly labels: ArrayLike<number>;
}

export interface Ranked {
  readonly index: number;
  /** −‖query − image‖ or ⟨query, image⟩: larger is nearer. */
  readonly score: number;
}

export interface NearestInGalleryOptions {
  /** [Q, E], taken as they are. */
  readonly queries: EmbeddingRows;
  /** [N, E], taken as they are; where left out the queries are each other's gallery, and none finds itself. */
  readonly gallery?: EmbeddingRows;
  /** E */
  readonly embedding: number;
  /** By the smallest Euclidean distance or by the largest inner product; of equal ones the lower index first. */
  readonly by: "distance" | "product";
  /** How many to return for each query; fewer where the gallery is smaller. */
  readonly neighbours: number;
}

/** The nearest images of each query, nearest first; costs Q · N · E products. */
export function nearestInGallery(options: NearestInGalleryOptions): Ranked[][] {
  const { queries, embedding, by, neighbours } = options;
  const gallery = options.gallery ?? queries;
  const images = countRows(gallery, embedding);
  return Array.from({ length: countRows(queries, embedding) }, (_, query) => {
    const scores = Float64Array.from({ length: images }, (_, image) =>
      by === "product"
        ? rowDot(queries, embedding, query, image, gallery)
        : -rowDistance(queries, embedding, query, image, gallery),
    );
    const nearest = rankByScore(scores, options.gallery ? undefined : query).subarray(0, neighbours);
    return Array.from(nearest, (index) => ({ index, score: scores[index] }));
  });
}

/** The first `kept` numbers of each row brought to length one: [N, E] → [N, kept]. Throws unless 1 ≤ kept ≤ E. */
export function leadingDimensions(embeddings: EmbeddingRows, embedding: number, kept: number): Float64Array {
  if (!Number.isInteger(kept) || kept < 1 || kept > embedding) {
    throw new Error(`leadingDimensions: a whole number in 1 .. ${embedding} of dimensions is kept, given ${kept}.`);
  }
  const unit = normalizeRows(embeddings, embedding);
  return unit.filter((_, i) => i % embedding < kept);
}

export interface RecallAtOneOptions {
  readonly queries: LabelledRows;
  /** Where left out, every query asks all the others. */
  readonly gallery?: LabelledRows;
  /** E */
  readonly embedding: number;
  /** Dimensions that are kept of the unit embeddings; all of them by default. */
  readonly dimensions?: number;
}

/** The share of queries whose nearest image has their label. Throws for labels that do not fit, and for a query that has nothing to find. */
export function recallAtOne({ queries, gallery, embedding, dimensions = embedding }: RecallAtOneOptions): number {
  const cut = (rows: LabelledRows): EmbeddingRows => leadingDimensions(rows.embeddings, embedding, dimensions);
  const labelsOf = ({ embeddings, labels }: LabelledRows): Int32Array =>
    checkedLabels(labels, countRows(embeddings, embedding));
  const asked = labelsOf(queries);
  const found = gallery ? labelsOf(gallery) : asked;
  if (!gallery && asked.length < 2) throw new Error("recallAtOne: a query alone in its gallery has nothing to find.");
  const nearest = nearestInGallery({
    queries: cut(queries),
    gallery: gallery && cut(gallery),
    embedding: dimensions,
    by: "distance",
    neighbours: 1,
  });
  return nearest.filter(([{ index }], query) => found[index] === asked[query]).length / asked.length;
}

/** ‖row i − row j of gallery‖ */
function rowDistance(rows: EmbeddingRows, embedding: number, i: number, j: number, gallery: EmbeddingRows): number {
  let sum = 0;
  for (let e = 0, a = i * embedding, b = j * embedding; e < embedding; e++) sum += (rows[a + e] - gallery[b + e]) ** 2;
  return Math.sqrt(sum);
}
