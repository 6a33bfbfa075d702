/**
 * The measures of the Google Landmarks retrieval challenge (Weyand et al., CVPR 2020, section 5), from lists of predictions.
 *
 * Every query of the solution counts; one without predictions finds nothing. Only the first K predictions are looked at, and an image that
 * is named again keeps its place and is wrong there. Besides the official mAP@K (`averagePrecision.ts`):
 *
 *     mean precision at k   hits among the first k, over k, also beyond the end of a short list
 *     position              of the first hit, from 1 on; K + 1 where there is none
 */
import { averagePrecision } from "../averagePrecision.js";
import { checkPredictedQueries } from "./predictedQueries.js";

export interface LandmarkRetrievalOptions<Image> {
  /** By query: images, best first. */
  readonly predictions: ReadonlyMap<string, readonly Image[]>;
  /** By query: the images that show its landmark, one or more. */
  readonly solution: ReadonlyMap<string, ReadonlySet<Image>>;
  /** K, default 100. */
  readonly limit?: number;
}

export interface LandmarkRetrievalResult {
  /** mAP@K, in [0, 1]. */
  readonly map: number;
  /** At 1 … K, each in [0, 1]: [K] */
  readonly meanPrecisionAt: Float64Array;
  readonly meanPosition: number;
  /** Of an even number of queries, the mean of the two in the middle. */
  readonly medianPosition: number;
  /** Of the solution, and those among them without a prediction. */
  readonly queries: number;
  readonly unanswered: number;
}

/**
 * @throws Error naming the query: one with predictions that the solution has not, one to which nothing is relevant; and for an empty solution,
 * predictions that are all empty, or a K that is no whole number ≥ 1.
 */
export function landmarkRetrieval<Image>(options: LandmarkRetrievalOptions<Image>): LandmarkRetrievalResult {
  const { predictions, solution, limit = 100 } = options;
  if (!Number.isInteger(limit) || limit < 1) {
    throw new Error(`landmarkRetrieval: K is a whole number ≥ 1, given ${limit}.`);
  }
  checkPredictedQueries("landmarkRetrieval", predictions, solution);
  const count = solution.size;
  const meanPrecisionAt = new Float64Array(limit);
  const positions: number[] = [];
  let [sum, unanswered] = [0, 0];
  for (const [query, relevant] of solution) {
    if (relevant.size === 0) throw new Error(`landmarkRetrieval: no image is relevant to query ${query}.`);
    const ranking = (predictions.get(query) ?? []).slice(0, limit);
    if (ranking.length === 0) unanswered++;
    sum += averagePrecision(ranking, relevant, limit);
    positions.push(firstHit(ranking, relevant) ?? limit + 1);
    const found = new Set<Image>();
    for (let k = 1; k <= limit; k++) {
      if (k <= ranking.length && relevant.has(ranking[k - 1])) found.add(ranking[k - 1]);
      meanPrecisionAt[k - 1] += found.size / k / count;
    }
  }
  if (unanswered === count) throw new Error(`landmarkRetrieval: none of ${count} queries has a prediction.`);
  return {
    map: sum / count,
    meanPrecisionAt,
    meanPosition: positions.reduce((total, position) => total + position, 0) / count,
    medianPosition: median(positions),
    ...{ queries: count, unanswered },
  };
}

/** From 1 on. */
function firstHit<Image>(ranking: readonly Image[], relevant: ReadonlySet<Image>): number | undefined {
  const place = ranking.findIndex((image) => relevant.has(image));
  return place < 0 ? undefined : place + 1;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
