/** What k-means concludes from scores in float32 holds for the distances: the bounds by which it leaves out comparisons are bounds. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { SearchTable, type Centroids } from "../../src/unicom/centroids.js";
import { ScoreSlack } from "../../src/unicom/scoreSlack.js";
import { clusterings, type Clustering } from "../arbitraries/clusterings.js";
import { exact, single } from "../engines.js";
import { property } from "../property.js";

const problems = clusterings({ mostRows: 40, offsets: [0, 30, 3000] });

/** ‖x − c‖² of a row with every centroid, and ‖x − origin‖², in float64. */
function squaresOf({ columns, values }: Clustering, { values: centers, origin }: Centroids, row: number) {
  const x = [...values.subarray(row * columns, (row + 1) * columns)];
  const distances = Array.from({ length: centers.length / columns }, (_, j) =>
    x.reduce((sum, value, k) => sum + (value - centers[j * columns + k]) ** 2, 0),
  );
  return { square: x.reduce((sum, value, k) => sum + (value - (origin?.[k] ?? 0)) ** 2, 0), distances };
}

/** The start of the problem as centroids, of length one if spherical. An origin is any point: here a row, times 1.1 so that coordinates from it are rounded. */
function centroidsOf({ start, columns, spherical, values: rows }: Clustering, isShifted: boolean): Centroids {
  const values = start.map((value, at) => {
    const from = at - (at % columns);
    return spherical ? value / Math.hypot(...start.subarray(from, from + columns)) : value;
  });
  const origin = isShifted && !spherical ? rows.slice(0, columns).map((value) => 1.1 * value) : undefined;
  return { values, columns, spherical, origin };
}

describe("bounds from scores in float32", () => {
  for (const engine of [exact, ...single]) {
    property(
      `are below the distances, of the best centroid and of all others, on ${engine.name}`,
      [problems, fc.boolean()],
      async (problem, isShifted) => {
        const centroids = centroidsOf(problem, isShifted);
        const slack = new ScoreSlack(centroids);
        const table = new SearchTable(engine, centroids);
        const { index, best, second } = await table.search(problem.values).finally(() => table.dispose());
        for (let row = 0; row < problem.rows; row++) {
          const { square, distances } = squaresOf(problem, centroids, row);
          const roundOff = 1e-13 * (square + Math.max(...distances)); // of the squares here
          for (const [j, distance] of distances.entries()) {
            const least = slack.leastDistance(square, j === index[row] ? best[row] : second[row]);
            if (least ** 2 > distance + roundOff)
              assert.fail(`row ${row}, centroid ${j}: ${least ** 2} over ${distance}`);
          }
        }
      },
      { runs: 60 },
    );

    property(
      `that say a centroid is ahead of all others say which one is found, on ${engine.name}`,
      [problems, fc.boolean()],
      async (problem, isShifted) => {
        const centroids = centroidsOf(problem, isShifted);
        const slack = new ScoreSlack(centroids);
        const table = new SearchTable(engine, centroids);
        const { index } = await table.search(problem.values).finally(() => table.dispose());
        for (let row = 0; row < problem.rows; row++) {
          const { square, distances } = squaresOf(problem, centroids, row);
          for (const [own, distance] of distances.entries()) {
            const others = Math.sqrt(Math.min(...distances.filter((_, j) => j !== own)));
            const isCertain = distances.length > 1 && slack.isAhead(square, distance, others * (1 - 1e-15));
            if (isCertain) assert.equal(index[row], own, `row ${row}`);
          }
        }
      },
      { runs: 60 },
    );
  }
});
