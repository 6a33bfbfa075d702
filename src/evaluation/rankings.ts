/**
 * The head of each query's ranking of a gallery, one query after the other: what precision, voting and strips of neighbours are made of.
 *
 * Every ranking is one by inner product, so that one matrix product serves all of them. The cosine is the product of unit rows.
 * The Euclidean distance ranks as ⟨q, x⟩ − ‖x‖²/2 = (‖q‖² − ‖q − x‖²)/2, a product as well once q carries a 1 and x its
 * −‖x‖²/2 as one more dimension. Images whose squared distances differ by less than about 1e-16 · (‖q‖² + ‖x‖²) count as equally near.
 */
import { forEachSimilarityBand, type BandOptions } from "./similarityBands.js";
import { topByScore } from "./topByScore.js";

export interface ComparableRows {
  readonly queries: Float64Array;
  readonly gallery: Float64Array;
  readonly width: number;
}

/** Rows whose inner products rank the gallery by rising Euclidean distance: [Q, width] and [N, width] → one dimension more. */
export function rowsByDistance({ queries, gallery, width }: ComparableRows): ComparableRows {
  return {
    queries: withColumn(queries, width, () => 1),
    gallery: withColumn(gallery, width, minusHalfSquare),
    width: width + 1,
  };
}

function withColumn(rows: Float64Array, width: number, last: (row: Float64Array) => number): Float64Array {
  const count = rows.length / width;
  const wider = new Float64Array(count * (width + 1));
  for (let i = 0; i < count; i++) {
    const row = rows.subarray(i * width, (i + 1) * width);
    wider.set(row, i * (width + 1));
    wider[i * (width + 1) + width] = last(row);
  }
  return wider;
}

function minusHalfSquare(row: Float64Array): number {
  let sum = 0;
  for (const value of row) sum -= value * value;
  return sum / 2;
}

export interface RankingOptions extends BandOptions {
  /** A query does not meet the image of its own number. */
  readonly isSelf: boolean;
  /** How many of the nearest are ranked; fewer where the gallery is smaller. */
  readonly limit: number;
}

/**
 * Calls `visit` for each query in order with the numbers of its nearest images, nearest first, of equal ones the lower first.
 * `scores`, [N], are its inner products with the whole gallery; they are valid during the call only.
 */
export async function forEachRanking(
  options: RankingOptions,
  visit: (query: number, ranking: Int32Array, scores: Float64Array | Float32Array) => void,
): Promise<void> {
  const { isSelf, limit } = options;
  await forEachSimilarityBand(options, ({ rowStart, rowEnd, columnEnd, stride, values }) => {
    for (let query = rowStart; query < rowEnd; query++) {
      const from = (query - rowStart) * stride;
      const scores = values.subarray(from, from + columnEnd);
      visit(query, topByScore(scores, limit, isSelf ? query : -1), scores);
    }
  });
}
