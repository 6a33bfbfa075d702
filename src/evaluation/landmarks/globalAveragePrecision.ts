/**
 * Global average precision, GAP or µAP, of the Google Landmarks recognition challenge (Perronnin et al., CVPR 2009; Weyand et al., CVPR 2020,
 * section 5): one ranking of the predictions of all queries, so that confidences must be comparable between queries.
 *
 *     GAP = (1/M) · Σᵢ precision(i) · correct(i),  the i-th most confident prediction being correct or not
 *
 * M is the number of queries that show a landmark at all. Predictions for the others, the great majority of the challenge, are wrong; or they
 * are left out before ranking.
 */
import { checkPredictedQueries } from "./predictedQueries.js";

export interface Recognition<Landmark> {
  readonly landmark: Landmark;
  /** Any finite number, larger is surer. */
  readonly confidence: number;
}

export interface GlobalAveragePrecisionOptions<Landmark> {
  /** By query, one at most. */
  readonly predictions: ReadonlyMap<string, Recognition<Landmark>>;
  /** By query: the landmarks that it shows, none for most. */
  readonly solution: ReadonlyMap<string, ReadonlySet<Landmark>>;
  /** Predictions for queries without a landmark; default `"wrong"`. */
  readonly withoutLandmark?: "wrong" | "leftOut";
}

/**
 * In [0, 1]. Of equally confident predictions the one whose query comes first by the codes of its letters does.
 *
 * @throws Error naming the query: one that the solution has not, a confidence that is not finite; without any prediction, and when no query shows a landmark.
 */
export function globalAveragePrecision<Landmark>(options: GlobalAveragePrecisionOptions<Landmark>): number {
  const { predictions, solution, withoutLandmark = "wrong" } = options;
  checkPredictedQueries("globalAveragePrecision", predictions, solution);
  const shown = [...solution.values()].filter((landmarks) => landmarks.size > 0).length;
  if (shown === 0) {
    throw new Error(`globalAveragePrecision: none of ${solution.size} queries of the solution shows a landmark.`);
  }
  if (predictions.size === 0) {
    throw new Error(`globalAveragePrecision: there is no prediction to rank for any of ${solution.size} queries.`);
  }
  for (const [query, { confidence }] of predictions) {
    if (Number.isFinite(confidence)) continue;
    throw new Error(`globalAveragePrecision: a confidence is finite, but that of query ${query} is ${confidence}.`);
  }
  const ranked = [...predictions]
    .filter(([query]) => withoutLandmark === "wrong" || solution.get(query)!.size > 0)
    .sort(([a, { confidence: sure }], [b, { confidence: surer }]) => surer - sure || (a < b ? -1 : 1));
  let [correct, sum] = [0, 0];
  ranked.forEach(([query, { landmark }], i) => {
    if (solution.get(query)!.has(landmark)) sum += ++correct / (i + 1);
  });
  return sum / shown;
}
