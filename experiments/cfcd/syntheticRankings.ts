/**
 * Claim 9: what may be said of the benchmark's protocols, on drawn rankings with drawn ground truth.
 *
 * An image that a protocol leaves out is as if it were not there, so that taking it out of the ranking changes nothing; and whatever stands
 * before a positive may only harm it, so that junk which counts as wrong never gives more. Easy ≥ medium ≥ hard is no law.
 */
import { PROTOCOLS, scoreRankings, type Protocol, type QueryTruth } from "../../src/evaluation/index.js";
import { stream, type Random } from "../../src/tensor/random.js";

export const QUERIES = 1000;
const IMAGES = 200;
/** Images of a list, at most. */
const LISTED = 12;
/** How much nearer to the front an image is drawn, by its list. */
const FAVOUR = { easy: 0.6, hard: 0.3, junk: 0.4, none: 0 } as const;

export interface SyntheticRankings {
  readonly queries: number;
  /** Largest change of an average precision, over queries and protocols, when all that is left out is taken out of the ranking. */
  readonly changedByRemoval: number;
  /** The least that an average precision gains where junk is left out against junk that counts as wrong. */
  readonly leastGain: number;
  /** Means by protocol: easy, medium, hard. */
  readonly map: Readonly<Record<Protocol, number>>;
  /** Share of the queries with easy ≥ medium ≥ hard. */
  readonly ordered: number;
}

const LEFT_OUT: Readonly<Record<Protocol, readonly (keyof QueryTruth)[]>> = {
  easy: ["hard", "junk"],
  medium: ["junk"],
  hard: ["easy", "junk"],
};

export function syntheticRankings(seed: number): SyntheticRankings {
  const random = stream(seed, "synthetic rankings");
  const drawn = Array.from({ length: QUERIES }, () => drawQuery(random));
  const groundTruth = drawn.map(({ truth }) => truth);
  const scores = scoreRankings({ groundTruth, rankings: drawn.map(({ ranking }) => ranking), images: IMAGES });
  const removed = PROTOCOLS.map((protocol) => {
    const rankings = drawn.map(({ ranking, truth }) => {
      const gone = new Set(LEFT_OUT[protocol].flatMap((list) => Array.from(truth[list])));
      return ranking.filter((image) => !gone.has(image));
    });
    const without = scoreRankings({ groundTruth, rankings, images: IMAGES })[protocol].averagePrecisions;
    return without.map((precision, query) => Math.abs(precision - scores[protocol].averagePrecisions[query]));
  });
  const asWrong = scoreRankings({
    groundTruth: groundTruth.map((truth) => ({ ...truth, junk: [] })),
    rankings: drawn.map(({ ranking }) => ranking),
    images: IMAGES,
  });
  const gains = PROTOCOLS.flatMap((protocol) =>
    Array.from(scores[protocol].averagePrecisions, (of, query) => of - asWrong[protocol].averagePrecisions[query]),
  );
  const [easy, medium, hard] = PROTOCOLS.map((protocol) => scores[protocol].averagePrecisions);
  const ordered = groundTruth.filter((_, query) => easy[query] >= medium[query] && medium[query] >= hard[query]);
  return {
    queries: QUERIES,
    changedByRemoval: Math.max(...removed.map((changes) => Math.max(...changes))),
    leastGain: Math.min(...gains),
    map: { easy: scores.easy.map, medium: scores.medium.map, hard: scores.hard.map },
    ordered: ordered.length / QUERIES,
  };
}

/** Ground truth of a query, one to `LISTED` images a list, and a ranking of all images. */
function drawQuery(random: Random): { readonly truth: QueryTruth; readonly ranking: number[] } {
  const images = random.shuffle(Array.from({ length: IMAGES }, (_, image) => image));
  const list = (): number[] => images.splice(0, 1 + random.integer(LISTED));
  const truth = { easy: list(), hard: list(), junk: list() };
  const place = new Float64Array(IMAGES);
  const put = (of: readonly number[], favour: number): void => {
    for (const image of of) place[image] = random.uniform() - favour;
  };
  put(images, FAVOUR.none);
  for (const name of ["easy", "hard", "junk"] as const) put(truth[name], FAVOUR[name]);
  return { truth, ranking: Array.from(place, (_, image) => image).sort((a, b) => place[a] - place[b]) };
}
