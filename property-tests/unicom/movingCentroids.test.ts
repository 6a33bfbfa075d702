/**
 * How centroids move from one iteration to the next, read off the states of a run: Lloyd's by plain loops, with what empty clusters take, and
 * mini-batches as the mean of all rows that a centroid ever had.
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { drawDistinct, hashNormal, stream } from "../../src/tensor/random.js";
import { kMeans, rowsOf, type KMeansProgress, type KMeansState } from "../../src/unicom/index.js";
import { clusterings, type Clustering } from "../arbitraries/clusterings.js";
import { exact } from "../engines.js";
import { property } from "../property.js";

const UNIT32 = 2 ** -24;

/** Each state of a run, the first iteration's first. */
async function statesOf(problem: Clustering, iterations: number): Promise<KMeansState[]> {
  const { values, columns, clusters, start } = problem;
  const states: KMeansState[] = [];
  await kMeans(exact, rowsOf(values, columns), {
    ...{ clusters, start, iterations, tolerance: 0 },
    onIteration: (progress) => states.push(progress.state()),
  });
  return states;
}

/** Rows of every cluster after the empty ones took theirs: each the farthest row of what is the largest cluster by then, of equals the first. */
function membersAfterReseeding({ values, columns }: Clustering, { labels, centroids }: KMeansState): number[][] {
  const clusters = centroids.length / columns;
  const members = Array.from({ length: clusters }, (_, j) => [...labels.keys()].filter((row) => labels[row] === j));
  const distance = (row: number): number => {
    let sum = 0;
    for (let k = 0; k < columns; k++) sum += (values[row * columns + k] - centroids[labels[row] * columns + k]) ** 2;
    return sum;
  };
  const moved = new Set<number>();
  for (const [empty, rows] of [...members].entries()) {
    if (rows.length > 0) continue;
    const sizes = members.map((all) => all.length);
    const givers = members.map((all) => all.filter((row) => !moved.has(row) && distance(row) > 0));
    const largest = Math.max(...sizes.filter((size, j) => size > 1 && givers[j].length > 0));
    const giver = sizes.findIndex((size, j) => size === largest && givers[j].length > 0);
    const farthest = Math.max(...givers[giver].map(distance));
    const row = givers[giver].find((each) => distance(each) === farthest)!;
    moved.add(row);
    members[giver] = members[giver].filter((each) => each !== row);
    members[empty] = [row];
  }
  return members;
}

/** Whole numbers, so that distances that are equal are so to the bit; starts that nobody is near to, so that clusters are empty. */
const emptyClusters = clusterings({ sphericalToo: false, mostRows: 60 }).map((problem) => {
  const { columns, clusters } = problem;
  const values = problem.values.map((value) => Math.round(4 * value));
  const start = values.slice(0, clusters * columns);
  for (let at = 0; at < start.length; at++) if (Math.floor(at / columns) % 3 === 1) start[at] += 1000;
  return { ...problem, values, start };
});

describe("Lloyd's centroids", () => {
  property(
    "move to the means of their rows, those of empty clusters to the farthest row of the largest, which that one loses",
    [emptyClusters],
    async (problem) => {
      const { values, columns } = problem;
      const states = await statesOf(problem, 2).catch((error: Error) => {
        assert.match(error.message, /as many different rows/); // fewer of them than clusters
        return [];
      });
      for (const [i, { centroids }] of states.slice(1).entries()) {
        const members = membersAfterReseeding(problem, states[i]);
        for (const [j, rows] of members.entries()) {
          for (let k = 0; k < columns; k++) {
            const mean = rows.reduce((sum, row) => sum + values[row * columns + k], 0) / rows.length;
            const found = centroids[j * columns + k];
            if (found !== Math.fround(mean)) assert.fail(`centroid ${j}, column ${k}: ${found}, not ${mean}`);
          }
        }
      }
    },
    { runs: 150 },
  );
});

describe("mini-batches", () => {
  property(
    "move a centroid to the mean of all rows that it ever had: with one cluster of all that were drawn",
    [
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 5 }),
      fc.nat(),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 5 }),
    ],
    async (rows, columns, seed, wanted, iterations) => {
      const key = stream(seed, "mini-batches").key();
      const values = Float32Array.from({ length: rows * columns }, (_, at) => hashNormal(key, 0, at));
      const batchRows = Math.min(wanted, rows);
      const start = new Float32Array(columns).fill(100);
      const options = { clusters: 1, method: "mini-batch" as const, batchRows, iterations, seed, start };
      const { centroids } = await kMeans(exact, rowsOf(values, columns), options);
      const drawn = Array.from({ length: iterations }, (_, iteration) => [
        ...drawDistinct(batchRows, rows, stream(seed, "k-means", "mini-batch", iteration)),
      ]).flat();
      for (let k = 0; k < columns; k++) {
        const mean = drawn.reduce((sum, row) => sum + values[row * columns + k], 0) / drawn.length;
        // after each batch the centroid is rounded to float32; rows are some 5 long at most, the first centroid 100 before it is forgotten
        const allowed = (iterations + 1) * UNIT32 * 8 + 100 * 2 ** -52;
        const off = Math.abs(centroids[k] - mean);
        if (off > allowed) assert.fail(`column ${k}: ${centroids[k]}, not ${mean}`);
      }
    },
  );

  property(
    "are drawn anew in every iteration, without repetition, and leave centroids that saw no row where they are",
    [fc.integer({ min: 8, max: 40 }), fc.nat()],
    async (rows, seed) => {
      const values = Float32Array.from({ length: rows }, (_, row) => row + 1);
      // one centroid amid the rows, one far away
      const options = { clusters: 2, method: "mini-batch" as const, batchRows: 3, iterations: 2, seed };
      const states: KMeansState[] = [];
      const onIteration = (progress: KMeansProgress): void => void states.push(progress.state());
      await kMeans(exact, rowsOf(values, 1), { ...options, start: Float32Array.of(5, -1e6), onIteration });
      assert.deepEqual(states.map(({ seen }) => [...seen]), [[3, 0], [6, 0]]); // prettier-ignore
      assert.deepEqual(states.map(({ centroids }) => centroids[1]), [-1e6, -1e6]); // prettier-ignore
    },
    { runs: 20 },
  );
});
