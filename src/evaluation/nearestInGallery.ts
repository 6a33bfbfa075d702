/** The nearest images of a gallery for every query, by Euclidean distance or by inner product, of rows as they are given. */
import { countRows, type EmbeddingRows } from "./normalizeRows.js";
import { forEachRanking, rowsByDistance } from "./rankings.js";
import type { RowProduct } from "./similarityBands.js";

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
  /** Inner products from elsewhere, used instead of float64 products. */
  readonly rowProduct?: RowProduct;
  readonly signal?: AbortSignal;
}

/** The nearest images of each query, nearest first; costs Q · N · E products. */
export async function nearestInGallery(options: NearestInGalleryOptions): Promise<Ranked[][]> {
  const { embedding, by, neighbours, rowProduct, signal } = options;
  for (const rows of [options.queries, options.gallery]) if (rows) countRows(rows, embedding);
  const queries = Float64Array.from(options.queries);
  const gallery = options.gallery ? Float64Array.from(options.gallery) : queries;
  const given = { queries, gallery, width: embedding };
  const compared = by === "distance" ? rowsByDistance(given) : given;
  const nearest: Ranked[][] = [];
  await forEachRanking(
    { ...compared, isSelf: !options.gallery, limit: neighbours, rowProduct, signal },
    (query, ranking, scores) => {
      const score = (image: number): number =>
        by === "product" ? scores[image] : -rowDistance(queries, embedding, query, image, gallery);
      nearest.push(Array.from(ranking, (index) => ({ index, score: score(index) })));
    },
  );
  return nearest;
}

/** ‖row i − row j of gallery‖ */
function rowDistance(rows: EmbeddingRows, embedding: number, i: number, j: number, gallery: EmbeddingRows): number {
  let sum = 0;
  for (let e = 0, a = i * embedding, b = j * embedding; e < embedding; e++) sum += (rows[a + e] - gallery[b + e]) ** 2;
  return Math.sqrt(sum);
}
