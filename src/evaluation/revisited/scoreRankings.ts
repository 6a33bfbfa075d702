/**
 * Rankings from elsewhere judged by the protocols of Revisited Oxford and Paris: the definition, read along each ranking.
 *
 * `evaluateRevisited` gives the same from descriptors without ranking anything.
 */
import { marksOf, type QueryTruth } from "./groundTruth.js";
import {
  checkScoreOptions,
  scoreProtocols,
  type MarkedImage,
  type RevisitedScores,
  type ScoreOptions,
} from "./protocolScores.js";

export interface ScoreRankingsOptions extends ScoreOptions {
  /** Of each query, numbers of images, best first: all of them or the head of the ranking. Numbers from `images` on are distractors. */
  readonly rankings: readonly ArrayLike<number>[];
  readonly groundTruth: readonly QueryTruth[];
  /** How many images the database has, without distractors. */
  readonly images: number;
}

/**
 * A positive that a short ranking does not hold is never found: it adds nothing to the average precision.
 *
 * @throws Error naming the query: a ranking that is empty or names an image twice, ground truth that names images that are not there; and for
 * counts that differ.
 */
export function scoreRankings({ rankings, groundTruth, images, ...options }: ScoreRankingsOptions): RevisitedScores {
  if (rankings.length !== groundTruth.length || rankings.length === 0) {
    throw new Error(
      `scoreRankings: one or more rankings, each with its ground truth, are needed; given ${rankings.length} rankings and ground truth of ${groundTruth.length} queries.`,
    );
  }
  checkScoreOptions(options);
  if (!Number.isInteger(images) || images < 1) {
    throw new Error(`scoreRankings: a database has a whole number of images, at least 1; given ${images}.`);
  }
  const marks = marksOf(groundTruth, images);
  const marked = rankings.map((ranking, query) => {
    if (ranking.length === 0) throw new Error(`scoreRankings: the ranking of query ${query} is empty.`);
    const found: MarkedImage[] = [];
    const seen = new Set<number>();
    for (const image of Array.from(ranking)) {
      if (!Number.isInteger(image) || image < 0 || seen.has(image)) {
        const what = seen.has(image) ? "names image" : "holds";
        throw new Error(
          `scoreRankings: a ranking holds numbers of images, each once, but that of query ${query} ${what} ${image}${seen.has(image) ? " twice" : ""}.`,
        );
      }
      const mark = marks[query].get(image);
      if (mark !== undefined) found.push({ mark, unmarkedBefore: seen.size - found.length });
      seen.add(image);
    }
    return found;
  });
  return scoreProtocols(groundTruth, marked, options);
}
