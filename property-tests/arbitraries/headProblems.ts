/**
 * What a head on several ranks is asked: how many ranks, classes and rows, class centers, and the batches of some steps.
 *
 * Fewer classes than ranks, numbers that do not divide, repeated labels, labels all on one rank; rows of −1, 0 and 1, copies, opposites and
 * rows of zeros among embeddings and centers, and embeddings that lie on a center or opposite to it, so that cosines reach ±1.
 */
import fc from "fast-check";
import { shardOf } from "../../src/pfc/shard.js";
import { hashNormal, hashUniform } from "../../src/tensor/random.js";
import { vectors } from "./arrays.js";
import { rowsOf } from "./embeddings.js";
import { between, evenly } from "./numbers.js";

/** One step of all ranks: rank k owns the k-th part of the rows. */
export interface Batch {
  /** [N] */
  readonly labels: readonly number[];
  /** [N, E] */
  readonly embeddings: Float64Array;
}

export interface HeadProblem {
  /** K */
  readonly ranks: number;
  /** C */
  readonly classes: number;
  /** E */
  readonly embedding: number;
  /** [C, E] */
  readonly centers: Float64Array;
  /** One a step, all with as many rows. */
  readonly batches: readonly Batch[];
}

export interface HeadProblemSizes {
  readonly maxRanks?: number;
  readonly maxClasses?: number;
  readonly minEmbedding?: number;
  readonly maxSteps?: number;
  /** true: elements between 1/4 and 2 in size, so that no row is short, and a step turns none by far. */
  readonly regular?: boolean;
}

export function headProblems(sizes: HeadProblemSizes = {}): fc.Arbitrary<HeadProblem> {
  const { maxRanks = 8, maxClasses = 20, minEmbedding = 1, maxSteps = 1, regular = false } = sizes;
  const rowsLike = regular ? regularRows : rowsOf;
  return fc
    .record({
      ranks: fc.integer({ min: 1, max: maxRanks }),
      classes: fc.integer({ min: 1, max: maxClasses }),
      embedding: fc.integer({ min: minEmbedding, max: 4 }),
      rows: fc.integer({ min: 1, max: 3 }),
      steps: fc.integer({ min: 1, max: maxSteps }),
    })
    .chain(({ rows, steps, ...sizesOf }) =>
      rowsLike(sizesOf.classes, sizesOf.embedding).chain((centers) => {
        const problem = { ...sizesOf, centers };
        const count = rows * problem.ranks;
        const batch = batches(problem, count, rowsLike(count, problem.embedding));
        return fc.array(batch, { minLength: steps, maxLength: steps }).map((all) => ({ ...problem, batches: all }));
      }),
    );
}

export interface WideSizes {
  readonly maxRanks?: number;
  readonly maxSteps?: number;
  readonly classes?: fc.Arbitrary<number>;
  readonly embedding?: fc.Arbitrary<number>;
  /** Of each rank. */
  readonly rows?: fc.Arbitrary<number>;
}

/**
 * Sizes around the blocks in which a sweep of the centers is computed: multiples of 64 classes, 8 rows and 4 elements, and one more or
 * less; rows beyond 256 elements. Numbers are hashed from a key: lists of so many would take longer than what they are for.
 */
export function wideHeadProblems(sizes: WideSizes = {}): fc.Arbitrary<HeadProblem> {
  return fc
    .record({
      key: fc.nat(),
      ranks: fc.integer({ min: 1, max: sizes.maxRanks ?? 1 }),
      classes: sizes.classes ?? aroundMultiples(64, 4),
      embedding: sizes.embedding ?? fc.oneof({ weight: 4, arbitrary: aroundMultiples(4, 9) }, aroundMultiples(256, 1)),
      rows: sizes.rows ?? aroundMultiples(8, 4),
      steps: fc.integer({ min: 1, max: sizes.maxSteps ?? 1 }),
    })
    .map(({ key, rows, steps, ...own }) => {
      const count = own.ranks * rows;
      const normal = (name: number, length: number): Float64Array =>
        Float64Array.from({ length }, (_, i) => Math.fround(hashNormal([key, name], 0, i)));
      const batch = (_: unknown, step: number): Batch => ({
        labels: Array.from({ length: count }, (_, i) => Math.floor(own.classes * hashUniform([key, 1], step, i))),
        embeddings: normal(2 + step, count * own.embedding),
      });
      const centers = normal(0, own.classes * own.embedding);
      const problem = { ...own, centers, batches: Array.from({ length: steps }, batch) };
      const text = JSON.stringify({ ...own, rows, steps, key });
      return Object.defineProperty(problem, fc.toStringMethod, { value: () => text });
    });
}

/** Of a wasm engine whose tables lie in several memories: those above 40 KiB, with up to 160 KiB of rows in each. */
export const BANK_BYTES = 10 * 65_536;

/** Tables for such an engine that take two memories, and batches for which there is room besides. */
export const ofSeveralMemories: WideSizes = {
  classes: aroundMultiples(64, 27, 22),
  embedding: aroundMultiples(4, 9, 8),
  rows: aroundMultiples(8, 1),
};

/** k · block and its neighbours, k from `least` to `most`; 1 at least. */
export function aroundMultiples(block: number, most: number, least = 0): fc.Arbitrary<number> {
  return fc
    .tuple(fc.integer({ min: least, max: most }), fc.constantFrom(0, 1, -1))
    .map(([times, more]) => Math.max(1, times * block + more));
}

/** From 0, where positives alone are left, to just below 1. */
export function ratios(): fc.Arbitrary<number> {
  return fc.oneof(fc.constantFrom(0, 0.1, 0.5), evenly(0, 1 - 2 ** -24));
}

function regularRows(count: number, embedding: number): fc.Arbitrary<Float64Array> {
  const element = fc.tuple(between(0.25, 2), fc.constantFrom(1, -1)).map(([size, sign]) => sign * size);
  return vectors(count * embedding, element).map((values) => Float64Array.from(values));
}

/** Of `count` rows, some of them on a center or opposite to one. */
function batches(
  { ranks, classes, embedding, centers }: Omit<HeadProblem, "batches">,
  count: number,
  rows: fc.Arbitrary<Float64Array>,
): fc.Arbitrary<Batch> {
  const choice = fc.option(fc.tuple(fc.nat({ max: classes - 1 }), fc.constantFrom(1, -1)), { freq: 5 });
  const choices = fc.array(choice, { minLength: count, maxLength: count });
  return fc.tuple(labelsOf(ranks, classes, count), rows, choices).map(([labels, free, onCenters]) => {
    const embeddings = free.slice();
    for (const [row, center] of onCenters.entries()) {
      if (center === null) continue;
      for (let e = 0; e < embedding; e++) {
        embeddings[row * embedding + e] = center[1] * centers[center[0] * embedding + e];
      }
    }
    return { labels, embeddings };
  });
}

/** Free, few that repeat, or all of one rank's classes. */
function labelsOf(ranks: number, classes: number, count: number): fc.Arbitrary<number[]> {
  const list = (label: fc.Arbitrary<number>): fc.Arbitrary<number[]> =>
    fc.array(label, { minLength: count, maxLength: count });
  const free = fc.nat({ max: classes - 1 });
  const few = fc.array(free, { minLength: 1, maxLength: 3 }).chain((pool) => list(fc.constantFrom(...pool)));
  const ofOneRank = fc.nat({ max: Math.min(ranks, classes) - 1 }).chain((rank) => {
    const { start, classes: own } = shardOf(classes, rank, ranks);
    return list(fc.integer({ min: start, max: start + own - 1 }));
  });
  return fc.oneof(
    { weight: 3, arbitrary: list(free) },
    { weight: 1, arbitrary: few },
    { weight: 1, arbitrary: ofOneRank },
  );
}
