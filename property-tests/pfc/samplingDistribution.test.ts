/**
 * Negatives are uniform without replacement: every set of that size is equally likely. The definition (the best of one score a
 * class) and the fast sampler are held to the same law, so they agree in distribution.
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { drawCenters, sampleByScores } from "../../src/pfc/sampleCenters.js";
import { drawDistinct, stream, type Random } from "../../src/tensor/random.js";
import { smallDraws, type SmallDraw } from "../arbitraries/samples.js";
import { property } from "../property.js";
import { assertDistribution, assertShares } from "../statistics.js";

type Draw = (request: SmallDraw, random: Random) => ArrayLike<number>;

const samplers: Record<string, Draw> = {
  "the fast sampler": ({ positives, classes, budget }, random) =>
    drawCenters(Int32Array.from(positives), classes, budget, random),
  "sampling by scores": ({ positives, classes, budget }, random) =>
    sampleByScores(
      Array.from({ length: classes }, () => random.uniform()),
      Int32Array.from(positives),
      budget,
    ),
};

function negativesOf(sample: ArrayLike<number>, positives: readonly number[]): number[] {
  return Array.from(sample).filter((j) => !positives.includes(j));
}

/** How many sets of k there are among n. */
function choose(n: number, k: number): number {
  return Array.from({ length: k }, (_, i) => (n - i) / (i + 1)).reduce((product, factor) => product * factor, 1);
}

/** Counts of all sets, those that never occurred included. */
function countSets(cells: number, draws: number, drawSet: () => string): number[] {
  const counts = new Map<string, number>();
  for (let i = 0; i < draws; i++) {
    const set = drawSet();
    counts.set(set, (counts.get(set) ?? 0) + 1);
  }
  assert.ok(counts.size <= cells, `${counts.size} different sets, but there are only ${cells}`);
  return [...counts.values(), ...new Array<number>(cells - counts.size).fill(0)];
}

describe("the negatives of a sample", () => {
  for (const [name, draw] of Object.entries(samplers)) {
    property(
      `are every set with the same probability: ${name}, all sets of up to 8 classes`,
      [smallDraws(3, 8)],
      (request) => {
        const { classes, positives, budget, seed } = request;
        const cells = Math.round(choose(classes - positives.length, budget - positives.length));
        const random = stream(seed, "sets", name);
        const counts = countSets(cells, 100 * cells, () => negativesOf(draw(request, random), positives).join());
        assertDistribution(counts, new Array<number>(cells).fill(1 / cells));
      },
      { runs: 30 },
    );

    property(
      `are each class and each pair of classes equally often: ${name}, up to 40 classes`,
      [smallDraws(12, 40)],
      (request) => {
        const { classes, positives, budget, seed } = request;
        const [drawn, among] = [budget - positives.length, classes - positives.length];
        const random = stream(seed, "pairs", name);
        const trials = 2000;
        const singles = new Array<number>(classes).fill(0);
        const pairs = new Array<number>(classes * classes).fill(0);
        for (let i = 0; i < trials; i++) {
          const negatives = negativesOf(draw(request, random), positives);
          for (const [position, a] of negatives.entries()) {
            singles[a]++;
            for (const b of negatives.slice(position + 1)) pairs[a * classes + b]++; // a < b
          }
        }
        const isNegative = (j: number): boolean => !positives.includes(j);
        const possible = (_: number, cell: number): boolean =>
          isNegative(Math.floor(cell / classes)) &&
          isNegative(cell % classes) &&
          Math.floor(cell / classes) < cell % classes;
        assertShares(
          singles.filter((_, j) => isNegative(j)),
          trials,
          drawn / among,
        );
        assertShares(pairs.filter(possible), trials, (drawn / among) * ((drawn - 1) / (among - 1)));
      },
      { runs: 20 },
    );
  }
});

describe("distinct numbers", () => {
  property(
    "are every set with the same probability",
    [
      fc
        .integer({ min: 2, max: 9 })
        .chain((bound) => fc.tuple(fc.constant(bound), fc.integer({ min: 1, max: bound - 1 }))),
      fc.integer(),
    ],
    ([bound, count], seed) => {
      const cells = Math.round(choose(bound, count));
      const random = stream(seed, "distinct");
      const counts = countSets(cells, 100 * cells, () =>
        [...drawDistinct(count, bound, random)].sort((a, b) => a - b).join(),
      );
      assertDistribution(counts, new Array<number>(cells).fill(1 / cells));
    },
    { runs: 40 },
  );
});
