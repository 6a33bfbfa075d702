/**
 * What is right and what is not counted, query by query (Radenović et al., CVPR 2018, "Revisiting Oxford and Paris", section 3).
 *
 * Every query has three lists of database images: `easy` and `hard` show its landmark, `junk` does so in a way that nobody can be blamed for
 * missing or for finding. A protocol says which of them are positive; the others are taken out of the ranking, as if they were not there:
 *
 *     easy    positive: easy          left out: hard, junk
 *     medium  positive: easy, hard    left out: junk
 *     hard    positive: hard          left out: easy, junk
 */

export const PROTOCOLS = ["easy", "medium", "hard"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** Numbers of database images, in any order; no image twice. */
export interface QueryTruth {
  readonly easy: ArrayLike<number>;
  readonly hard: ArrayLike<number>;
  readonly junk: ArrayLike<number>;
}

export type Mark = keyof QueryTruth;

const MARKS: readonly Mark[] = ["easy", "hard", "junk"];
const POSITIVE: Readonly<Record<Protocol, readonly Mark[]>> = {
  easy: ["easy"],
  medium: ["easy", "hard"],
  hard: ["hard"],
};

export function isPositive(mark: Mark, protocol: Protocol): boolean {
  return POSITIVE[protocol].includes(mark);
}

/** How many images are positive under a protocol. */
export function countPositives(truth: QueryTruth, protocol: Protocol): number {
  return POSITIVE[protocol].reduce((sum, mark) => sum + truth[mark].length, 0);
}

/**
 * The mark of every marked image, query by query.
 *
 * @param images how many the database has; distractors do not count, they have no mark
 * @throws Error naming query and image: one that the database has not, or that is marked twice; and when no query has a positive.
 */
export function marksOf(groundTruth: readonly QueryTruth[], images: number): ReadonlyMap<number, Mark>[] {
  const marks = groundTruth.map((truth, query) => marksOfQuery(truth, query, images));
  if (!groundTruth.some((truth) => countPositives(truth, "medium") > 0)) {
    throw new Error(
      `ground truth: a query needs an easy or a hard image to be found, but none of ${groundTruth.length} queries has one.`,
    );
  }
  return marks;
}

function marksOfQuery(truth: QueryTruth, query: number, images: number): ReadonlyMap<number, Mark> {
  const marks = new Map<number, Mark>();
  for (const mark of MARKS) {
    for (const image of Array.from(truth[mark])) {
      if (!Number.isInteger(image) || image < 0 || image >= images) {
        throw new Error(
          `ground truth: query ${query} names image ${image} as ${mark}, but the database has ${images} images, 0 .. ${images - 1}.`,
        );
      }
      const other = marks.get(image);
      if (other !== undefined) {
        const twice =
          other === mark ? `names image ${image} twice as ${mark}` : `names image ${image} as ${other} and as ${mark}`;
        throw new Error(`ground truth: an image is easy, hard or junk once for a query, but query ${query} ${twice}.`);
      }
      marks.set(image, mark);
    }
  }
  return marks;
}
