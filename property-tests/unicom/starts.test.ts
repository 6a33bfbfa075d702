/**
 * Where k-means begins: with rows drawn evenly, or by k-means++ (Arthur and Vassilvitskii 2007): each with a probability in proportion to its squared
 * distance from the nearest one drawn before. False alarms: at most 1e-9 a check (statistics.ts).
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { rowsOf } from "../../src/unicom/index.js";
import { startCentroids, type Start } from "../../src/unicom/startCentroids.js";
import { exact, single } from "../engines.js";
import { property } from "../property.js";
import { assertDistribution } from "../statistics.js";

/** The rows, by number, that a draw begins with. */
async function drawn(values: Float32Array, clusters: number, start: Start, seed: number | string): Promise<number[]> {
  const squares = Float64Array.from(values, (value) => value * value);
  const problem = { engine: exact, source: rowsOf(values, 1), squares, walk: { chunkRows: 3 } };
  const { values: centroids } = await startCentroids(problem, clusters, { start, spherical: false, seed });
  return Array.from(centroids, (value) => values.indexOf(value));
}

/** Every order in which three of the rows can be drawn, with its probability. */
function triples(values: Float32Array, share: (row: number, before: readonly number[]) => number): Map<string, number> {
  const all = new Map<string, number>();
  const rows = [...values.keys()];
  const extend = (before: readonly number[], probability: number): void => {
    if (before.length === 3) return void all.set(before.join(), probability);
    const shares = rows.map((row) => (before.includes(row) ? 0 : share(row, before)));
    const total = shares.reduce((sum, each) => sum + each, 0);
    for (const row of rows) if (shares[row] > 0) extend([...before, row], (probability * shares[row]) / total);
  };
  extend([], 1);
  return all;
}

/** Different whole numbers, near ones and far ones. */
const points = fc
  .uniqueArray(fc.integer({ min: -6, max: 6 }), { minLength: 4, maxLength: 5 })
  .map((values) => Float32Array.from(values));
const DRAWS = 1500;

async function assertDrawn(
  values: Float32Array,
  start: Start,
  seed: number,
  expected: Map<string, number>,
): Promise<void> {
  const counts = new Map([...expected.keys()].map((rows) => [rows, 0]));
  for (let draw = 0; draw < DRAWS; draw++) {
    const rows = (await drawn(values, 3, start, `${seed} ${draw}`)).join();
    const count = counts.get(rows);
    if (count === undefined) assert.fail(`rows ${rows} cannot be drawn`);
    counts.set(rows, count + 1);
  }
  assertDistribution([...counts.values()], [...expected.values()]);
}

describe("k-means begins", () => {
  property(
    "with rows of k-means++, each drawn by its squared distance from the nearest before",
    [points, fc.nat()],
    (values, seed) => {
      const away = (row: number, before: readonly number[]): number =>
        before.length === 0 ? 1 : Math.min(...before.map((other) => (values[row] - values[other]) ** 2));
      return assertDrawn(values, "k-means++", seed, triples(values, away));
    },
    { runs: 4 },
  );

  property(
    "with rows that are all as likely, where it begins at random",
    [points, fc.nat()],
    (values, seed) => assertDrawn(values, "random", seed, triples(values, () => 1)), // prettier-ignore
    { runs: 3 },
  );

  property(
    "with different rows, or says how many there are",
    [
      fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 20 }),
      fc.constantFrom("k-means++" as const, "random" as const),
      fc.nat(),
    ],
    async (numbers, start, seed) => {
      const values = Float32Array.from(numbers);
      const different = new Set(numbers).size;
      const rows = await drawn(values, different, start, seed);
      assert.equal(new Set(rows).size, different);
      await assert.rejects(
        drawn(values, different + 1, start, seed),
        new RegExp(`only ${different} (is|are) different`),
      );
    },
  );

  for (const engine of single) {
    property(
      `with different rows of k-means++ where scores in float32 cannot tell them apart, on ${engine.name}`,
      [fc.integer({ min: 10, max: 30 }), fc.integer({ min: 1, max: 3 }), fc.nat()],
      async (different, copies, seed) => {
        // two groups on both sides of zero, and rows of each 1/256 apart: squared lengths are near 2²⁷, and float32 keeps 24 bits
        const rows = 2 * different;
        const values = Float32Array.from({ length: 2 * rows * copies }, (_, at) => {
          const row = Math.floor(at / 2) % rows;
          return (row % 2 === 0 ? 1 : -1) * (8192 + (at % 2 === 0 ? row / 256 : 0));
        });
        const squares = Float64Array.from(
          { length: rows * copies },
          (_, i) => values[2 * i] ** 2 + values[2 * i + 1] ** 2,
        );
        const problem = { engine, source: rowsOf(values, 2), squares, walk: { chunkRows: 50 } };
        const options = { start: "k-means++" as const, spherical: false, seed };
        const { values: centroids } = await startCentroids(problem, rows, options);
        assert.equal(new Set(Array.from({ length: rows }, (_, j) => centroids[2 * j])).size, rows);
      },
      { runs: 30 },
    );
  }
});
