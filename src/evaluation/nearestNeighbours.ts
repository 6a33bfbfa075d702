/** The nearest images of a few queries, with their cosines: the strips of a report. By float64 cosine; of equal ones the lower index first. */
import { countRows, normalizeRows, rowDot, type EmbeddingRows } from "./normalizeRows.js";
import { topByScore } from "./topByScore.js";

export interface Neighbours {
  readonly query: number;
  /** Nearest first, the query itself left out. */
  readonly nearest: readonly { readonly index: number; readonly cosine: number }[];
}

export interface NeighboursOptions {
  /** [N, E]; raw, they are normalised here. */
  readonly embeddings: EmbeddingRows;
  /** E */
  readonly embedding: number;
  /** Images that ask. */
  readonly queries: readonly number[];
  /** How many to return for each; fewer where the gallery is smaller. */
  readonly neighbours: number;
}

/** The nearest of all N images for each query; costs queries · N · E products. Throws for a query that is not an image. */
export function nearestNeighbours({ embeddings, embedding, queries, neighbours }: NeighboursOptions): Neighbours[] {
  const count = countRows(embeddings, embedding);
  const unit = normalizeRows(embeddings, embedding);
  return queries.map((query) => {
    if (!Number.isInteger(query) || query < 0 || query >= count) {
      throw new Error(`nearestNeighbours: a query is an image 0 .. ${count - 1}, given ${query}.`);
    }
    const cosines = Float64Array.from({ length: count }, (_, image) => rowDot(unit, embedding, query, image));
    const nearest = topByScore(cosines, neighbours, query);
    return { query, nearest: Array.from(nearest, (index) => ({ index, cosine: cosines[index] })) };
  });
}
