/** k-means: what Lloyd's iteration promises, whatever the rows. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { kMeans, rowsOf, type KMeansProgress } from "../../src/unicom/index.js";
import { clusterings, optionsOf, type Clustering } from "../arbitraries/clusterings.js";
import { exact, single } from "../engines.js";
import { property } from "../property.js";

const UNIT32 = 2 ** -24;

/** ‖x − c‖² of all rows and centroids, in float64 loops. */
function distancesOf({ rows, columns, values }: Clustering, centroids: Float32Array): number[][] {
  const clusters = centroids.length / columns;
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: clusters }, (__, j) => {
      let sum = 0;
      for (let k = 0; k < columns; k++) sum += (values[i * columns + k] - centroids[j * columns + k]) ** 2;
      return sum;
    }),
  );
}

/** The longest row or centroid, from zero or from the mean of all: scores are computed from either. Means are no longer than rows, unit centroids are 1 long. */
function longest({ rows, columns, values }: Clustering): number {
  const mean = Array.from({ length: columns }, (_, k) => {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += values[i * columns + k] / rows;
    return sum;
  });
  const lengths = Array.from({ length: rows }, (_, i) => {
    const x = [...values.subarray(i * columns, (i + 1) * columns)];
    return Math.max(Math.hypot(...x), Math.hypot(...x.map((value, k) => value - mean[k])));
  });
  return Math.max(1, ...lengths);
}

/** What two squared distances that are compared by scores in float32 may differ by: four times n + 2 roundings of at most ‖x‖ ‖c‖ + ‖c‖²/2, two more where coordinates are shifted (scoreSlack.ts). */
function scoreError(problem: Clustering): number {
  const length = longest(problem);
  return 4 * (problem.columns + 3) * UNIT32 * 1.01 * (2 * length ** 2);
}

describe("k-means", () => {
  for (const engine of [exact, ...single]) {
    property(
      `gives every row its nearest centroid, on ${engine.name}`,
      [clusterings({ mostRows: 50 })],
      async (problem) => {
        const found = await kMeans(engine, rowsOf(problem.values, problem.columns), optionsOf(problem));
        const distances = distancesOf(problem, found.centroids);
        const allowed = scoreError(problem);
        let inertia = 0;
        for (const [row, all] of distances.entries()) {
          const own = all[found.labels[row]];
          assert.ok(own <= Math.min(...all) + allowed, `row ${row}: ${own}, but ${Math.min(...all)} is nearer`);
          inertia += own;
        }
        assert.ok(Math.abs(found.inertia - inertia) <= 1e-12 * inertia, `${found.inertia}, not ${inertia}`);
      },
      { runs: 40 },
    );
  }

  property("never raises inertia", [clusterings()], async (problem) => {
    const inertias: number[] = [];
    const onIteration = ({ inertia }: KMeansProgress): void => void inertias.push(inertia);
    await kMeans(single[1], rowsOf(problem.values, problem.columns), { ...optionsOf(problem), onIteration });
    // a row may go to a centroid that only float32 finds nearer, and a mean is rounded to float32: (u ‖c‖ √2)² of every row
    const allowed = problem.rows * (scoreError(problem) + 8 * (UNIT32 * longest(problem)) ** 2 * problem.columns);
    for (let i = 1; i < inertias.length; i++) {
      assert.ok(inertias[i] <= inertias[i - 1] + allowed, `iteration ${i + 1}: ${inertias[i - 1]} → ${inertias[i]}`);
    }
  });

  property(
    "moves centroids to the means of their rows, of length one if spherical",
    [clusterings()],
    async (problem) => {
      const { columns, clusters, spherical, rows, values } = problem;
      const options = { ...optionsOf(problem), iterations: 200 };
      const { centroids, labels, converged, empty } = await kMeans(exact, rowsOf(values, columns), options);
      assert.ok(converged || empty > 0, "labels never settle");
      for (let j = 0; j < clusters; j++) {
        const members = [...labels.keys()].filter((row) => labels[row] === j);
        if (members.length === 0) continue;
        const sums = Array.from({ length: columns }, (_, k) =>
          members.reduce((sum, row) => sum + values[row * columns + k], 0),
        );
        const scale = spherical ? Math.hypot(...sums) : members.length;
        if (spherical && scale < 1e-3) continue; // rows that cancel: no direction that rounding would leave alone
        for (const [k, sum] of sums.entries()) {
          const off = Math.abs(centroids[j * columns + k] - sum / scale);
          const allowed = 2 * UNIT32 * longest(problem) + rows * 2 ** -52 * (longest(problem) / Math.min(1, scale));
          assert.ok(off <= allowed, `centroid ${j}, column ${k}: off by ${off}`);
        }
        const length = Math.hypot(...centroids.subarray(j * columns, (j + 1) * columns));
        if (spherical) assert.ok(Math.abs(length - 1) <= 2 * UNIT32 * Math.sqrt(columns), `length ${length}`);
      }
    },
  );

  property("spherical: labels are those of the largest inner product", [clusterings()], async (problem) => {
    const { columns, clusters, values, rows } = problem;
    const start = { ...optionsOf(problem), spherical: true };
    const { centroids, labels } = await kMeans(single[1], rowsOf(values, columns), start);
    for (let i = 0; i < rows; i++) {
      const products = Array.from({ length: clusters }, (_, j) => {
        let sum = 0;
        for (let k = 0; k < columns; k++) sum += values[i * columns + k] * centroids[j * columns + k];
        return sum;
      });
      const allowed = 2 * (columns + 1) * UNIT32 * 1.01 * longest(problem);
      assert.ok(
        products[labels[i]] >= Math.max(...products) - allowed,
        `row ${i}: ${products[labels[i]]} is not the largest`,
      );
    }
  });

  property(
    "does not care how rows are numbered, given the same start",
    [clusterings({ sphericalToo: false }), fc.nat()],
    async (problem, seed) => {
      const { columns, rows, values } = problem;
      // whole numbers, whose sums have no order
      const whole = values.map((value) => Math.round(8 * value));
      const start = problem.start.map((value) => Math.round(8 * value) + 0.25);
      const order = Array.from({ length: rows }, (_, row) => row).sort(
        (a, b) => ((a * 7919 + seed) % 101) - ((b * 7919 + seed) % 101) || a - b,
      );
      const permuted = Float32Array.from(
        order.flatMap((row) => [...whole.subarray(row * columns, (row + 1) * columns)]),
      );
      // an empty cluster takes the lowest of equal rows: only without one is the numbering of no account
      let reseeded = false;
      const options = {
        ...optionsOf({ ...problem, start }),
        onIteration: ({ empty }: KMeansProgress) => void (reseeded ||= empty > 0),
      };
      const first = await kMeans(single[1], rowsOf(whole, columns), options);
      const second = await kMeans(single[1], rowsOf(permuted, columns), options);
      if (reseeded) return;
      assert.deepEqual(second.centroids, first.centroids);
      assert.deepEqual(
        [...second.labels],
        order.map((row) => first.labels[row]),
      );
    },
  );

  property(
    "with as many clusters as rows that differ has no inertia",
    [clusterings({ mostRows: 20 })],
    async (problem) => {
      const { columns, values, rows } = problem;
      const different = new Set(
        Array.from({ length: rows }, (_, i) => values.subarray(i * columns, (i + 1) * columns).join()),
      );
      for (const start of ["k-means++", "random"] as const) {
        const { inertia } = await kMeans(exact, rowsOf(values, columns), { clusters: different.size, start });
        assert.equal(inertia, 0);
        const more = kMeans(exact, rowsOf(values, columns), { clusters: different.size + 1, start });
        await assert.rejects(more, /as many different rows|at most the number of rows/);
      }
    },
  );

  property("leaves no cluster empty for long", [clusterings({ sphericalToo: false })], async (problem) => {
    const { columns, values } = problem;
    const start = problem.start.map((value, at) => (at < columns ? value : value + 1000)); // nobody is near them
    const { empty } = await kMeans(single[1], rowsOf(values, columns), {
      ...optionsOf(problem),
      start,
      iterations: 40,
    });
    assert.equal(empty, 0);
  });

  property(
    "in mini-batches gets near",
    [fc.nat({ max: 1000 })],
    async (seed) => {
      const rows = 400;
      const values = Float32Array.from({ length: 2 * rows }, (_, at) => {
        const row = Math.floor(at / 2);
        return (at % 2 === 0 ? row % 4 : row % 3) * 10 + Math.sin(seed + at * at);
      });
      const shared = { clusters: 12, seed };
      const full = await kMeans(single[1], rowsOf(values, 2), shared);
      const batches = await kMeans(single[1], rowsOf(values, 2), {
        ...shared,
        method: "mini-batch",
        batchRows: 100,
        iterations: 60,
      });
      // a cloud holds about 33 rows; one that shares its centroid with the next costs 25 a row
      assert.ok(batches.inertia <= full.inertia + 3 * 33 * 25 * 2, `${batches.inertia}, Lloyd ${full.inertia}`);
    },
    { runs: 10 },
  );
});
