/**
 * Revisited Oxford and Paris (Radenović et al., CVPR 2018) from descriptors: mAP and mP@k under the protocols easy, medium and hard.
 *
 * Similarity is the inner product; of equal ones the lower number comes first, distractors coming after the database. Nothing is sorted but the
 * marked images of a query: where these stand follows from how many unmarked ones are before them, and those can be counted in any order. So a
 * million distractors are passed through in pieces, and all three protocols cost one pass.
 *
 * Left out: cropping queries to their boxes, several scales (`averageDescriptors.ts`), re-ranking.
 */
import { countRows, type EmbeddingRows } from "../normalizeRows.js";
import { forEachSimilarityBand, type RowProduct } from "../similarityBands.js";
import { marksOf, type QueryTruth } from "./groundTruth.js";
import { MarkedRanking } from "./markedRanking.js";
import { checkScoreOptions, scoreProtocols, type RevisitedScores, type ScoreOptions } from "./protocolScores.js";

export interface RevisitedOptions extends ScoreOptions {
  /** [Q, E] and [N, E], compared as they are: rows of length one for the cosine, as `averageDescriptors` gives them. */
  readonly queries: EmbeddingRows;
  readonly database: EmbeddingRows;
  /** [M, E]: more images of the database, which show no query's landmark. */
  readonly distractors?: EmbeddingRows;
  /** E */
  readonly embedding: number;
  /** Of each query: [Q] */
  readonly groundTruth: readonly QueryTruth[];
  /** Inner products from elsewhere (an engine's matrix product), used instead of float64 products; asked once for every piece of the database. */
  readonly rowProduct?: RowProduct;
  /** Stops a long evaluation: the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Distractors compared at once: 268 MB in float64 with descriptors of 2,048 numbers. */
const PIECE = 16_384;

/**
 * The tables of the three protocols.
 *
 * @throws Error for descriptors that do not fit or are not finite, ground truth of another number of queries, images in it that the database has
 * not or that are marked twice, and when no query has a positive.
 */
export async function evaluateRevisited(options: RevisitedOptions): Promise<RevisitedScores> {
  const { database, distractors, embedding, groundTruth } = options;
  checkScoreOptions(options);
  const [count, images] = [countRows(options.queries, embedding), countRows(database, embedding)];
  if (distractors && distractors.length > 0) countRows(distractors, embedding);
  if (groundTruth.length !== count) {
    throw new Error(
      `evaluateRevisited: every query has its ground truth; given ${count} queries and ground truth of ${groundTruth.length}.`,
    );
  }
  const marks = marksOf(groundTruth, images);
  const compared = { ...options, queries: Float64Array.from(options.queries) };
  const rankings: MarkedRanking[] = [];
  await forEachQuery(compared, database, (query, scores) => {
    rankings.push(new MarkedRanking(marks[query], scores));
  });
  for (let from = 0; distractors && from < distractors.length; from += PIECE * embedding) {
    const first = images + from / embedding;
    const piece = distractors.subarray(from, from + PIECE * embedding);
    await forEachQuery(compared, piece, (query, scores) => {
      for (let i = 0; i < scores.length; i++) rankings[query].count(first + i, scores[i]);
    });
  }
  return scoreProtocols(
    groundTruth,
    rankings.map((ranking) => ranking.result()),
    options,
  );
}

/** Calls `visit` for each query in order with its inner products with `images`, which are valid during the call only. */
async function forEachQuery(
  { queries, embedding, rowProduct, signal }: Omit<RevisitedOptions, "queries"> & { readonly queries: Float64Array },
  images: EmbeddingRows,
  visit: (query: number, scores: Float64Array | Float32Array) => void,
): Promise<void> {
  const band = { queries, gallery: Float64Array.from(images), width: embedding, rowProduct, signal };
  await forEachSimilarityBand(band, ({ rowStart, rowEnd, columnEnd, stride, values }) => {
    for (let query = rowStart; query < rowEnd; query++) {
      const from = (query - rowStart) * stride;
      visit(query, values.subarray(from, from + columnEnd));
    }
  });
}
