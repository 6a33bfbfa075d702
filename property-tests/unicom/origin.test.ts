/**
 * Euclidean k-means does not care where zero is: rows far from it are compared as exactly as rows around it, up to what their own numbers have lost
 * to float32 (and their centroids, which are float32 numbers too).
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { hashUniform, stream } from "../../src/tensor/random.js";
import { kMeans, rowsOf } from "../../src/unicom/index.js";
import { clusterings, optionsOf } from "../arbitraries/clusterings.js";
import { exact, single } from "../engines.js";
import { property } from "../property.js";

const UNIT32 = 2 ** -24;
const far = fc.constantFrom(1e3, -1e4, 1e5);

/** Mean of every column, and the largest distance of a row from it, in float64 loops. */
function spreadOf(values: Float32Array, columns: number): { mean: number[]; radius: number } {
  const rows = values.length / columns;
  const mean = Array.from({ length: columns }, (_, k) => {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += values[i * columns + k];
    return sum / rows;
  });
  let radius = 0;
  for (let i = 0; i < rows; i++) {
    radius = Math.max(radius, Math.hypot(...mean.map((each, k) => values[i * columns + k] - each)));
  }
  return { mean, radius };
}

describe("Euclidean k-means far from zero", () => {
  for (const engine of [exact, ...single]) {
    property(
      `gives every row its nearest centroid as exactly as around zero, on ${engine.name}`,
      [clusterings({ mostRows: 50, sphericalToo: false }), far],
      async (problem, offset) => {
        const { rows, columns, clusters } = problem;
        const moved = (values: Float32Array): Float32Array => values.map((value) => value + offset);
        const values = moved(problem.values);
        const options = { ...optionsOf(problem), start: moved(problem.start) };
        const { labels, centroids } = await kMeans(engine, rowsOf(values, columns), options);
        const { mean, radius } = spreadOf(values, columns);
        // lengths from the mean, which is rounded to float32 as centroids are; the error of two scores of such rows as in kMeans.test.ts
        const length = radius + 2 * UNIT32 * Math.hypot(...mean);
        const allowed = 4 * (columns + 3) * UNIT32 * 1.01 * (2 * length ** 2);
        for (let row = 0; row < rows; row++) {
          const distances = Array.from({ length: clusters }, (_, j) => {
            let sum = 0;
            for (let k = 0; k < columns; k++) sum += (values[row * columns + k] - centroids[j * columns + k]) ** 2;
            return sum;
          });
          const [own, least] = [distances[labels[row]], Math.min(...distances)];
          assert.ok(own <= least + allowed, `row ${row}: ${own}, but ${least} is nearer (allowed ${allowed})`);
        }
      },
      { runs: 60 },
    );
  }

  property(
    "finds the groups it finds around zero, by either method",
    [
      fc.integer({ min: 2, max: 6 }),
      fc.integer({ min: 1, max: 3 }),
      fc.array(far, { minLength: 3, maxLength: 3 }),
      fc.constantFrom("lloyd" as const, "mini-batch" as const),
      fc.nat(),
    ],
    async (groups, columns, offsets, method, seed) => {
      // whole numbers, which any of the offsets leaves as they are: groups 5 apart, rows at most 1 from their middle in a column
      const key = stream(seed, "groups").key();
      const rows = 40 * groups;
      const values = Float32Array.from({ length: rows * columns }, (_, at) => {
        const [row, column] = [Math.floor(at / columns), at % columns];
        return (column === 0 ? 5 * (row % groups) : 0) + Math.floor(3 * hashUniform(key, row, column)) - 1;
      });
      const middles = Float32Array.from({ length: groups * columns }, (_, at) =>
        at % columns === 0 ? (5 * at) / columns : 0,
      );
      const options = { clusters: groups, method, batchRows: 20, iterations: 12, seed };
      for (const shift of [[0, 0, 0], offsets]) {
        const moved = (of: Float32Array): Float32Array => of.map((value, at) => value + shift[at % columns]);
        // means lie well within 1 of the middles, so that no row is near a border
        const { labels } = await kMeans(single[1], rowsOf(moved(values), columns), {
          ...options,
          start: moved(middles),
        });
        assert.deepEqual(
          [...labels],
          Array.from({ length: rows }, (_, row) => row % groups),
        );
      }
    },
  );
});
