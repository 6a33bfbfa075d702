/** k-means: what must not change a bit. Threads, chunks, pruning, interruptions. */
import assert from "node:assert/strict";
import { after, describe } from "node:test";
import fc from "fast-check";
import { openEngine } from "../../src/tensor/openEngine.js";
import { hashNormal, stream } from "../../src/tensor/random.js";
import { kMeans, rowsOf, type KMeansOptions, type KMeansResult, type KMeansState } from "../../src/unicom/index.js";
import { clusterings, optionsOf, shapelessRows, type Clustering } from "../arbitraries/clusterings.js";
import { exact, single } from "../engines.js";
import { property } from "../property.js";

const [, wasm] = single;
const two = await openEngine("wasm", { threads: 2 });
after(() => two.close());

function bits({ labels, centroids, inertia, iterations, converged }: KMeansResult): unknown {
  return { labels, centroids: new Uint32Array(centroids.buffer.slice(0)), inertia, iterations, converged };
}

const run = async (problem: Clustering, options: Partial<KMeansOptions>, engine = wasm): Promise<KMeansResult> =>
  kMeans(engine, rowsOf(problem.values, problem.columns), { ...optionsOf(problem), ...options });

const starts = fc.constantFrom("given", "k-means++", "random");
const withStart = (problem: Clustering, start: string): Partial<KMeansOptions> =>
  start === "given" ? {} : { start: start as "k-means++" | "random", clusters: Math.min(problem.clusters, 3) };

/** True unless there are fewer different rows than clusters: then every run says so. */
async function same(first: Promise<KMeansResult>, second: Promise<KMeansResult>): Promise<void> {
  const [a, b] = await Promise.allSettled([first, second]);
  if (a.status === "rejected") {
    assert.match(String(a.reason), /different rows/);
    assert.equal(b.status, "rejected");
  } else {
    assert.ok(b.status === "fulfilled", b.status === "rejected" ? String(b.reason) : "");
    assert.deepEqual(bits(b.value), bits(a.value));
  }
}

describe("k-means has the same bits", () => {
  for (const engine of [exact, ...single]) {
    property(
      `with pruning as by comparing all with all, on ${engine.name}`,
      [clusterings({ offsets: [0, 30, 3000] })],
      (problem) => same(run(problem, { prune: false }, engine), run(problem, { prune: true }, engine)),
      { runs: engine === wasm ? 300 : 60 },
    );
  }

  property(
    "with pruning as without, where rows have no groups and centroids travel for long",
    [shapelessRows()],
    (problem) => same(run(problem, { prune: false, iterations: 40 }), run(problem, { iterations: 40 })),
    { runs: 60 },
  );

  property(
    "in chunks of any size",
    [clusterings(), starts, fc.integer({ min: 1, max: 40 }), fc.boolean()],
    (problem, start, chunkRows, prune) =>
      same(run(problem, withStart(problem, start)), run(problem, { ...withStart(problem, start), chunkRows, prune })),
  );

  property(
    "when it is interrupted and goes on from its state",
    [clusterings(), fc.integer({ min: 1, max: 8 }), fc.constantFrom("lloyd", "mini-batch")],
    async (problem, at, method) => {
      const options = { method, batchRows: Math.min(10, problem.rows) } as const;
      const whole = run(problem, options);
      const resumed = async (): Promise<KMeansResult> => {
        let state: KMeansState | undefined;
        const first = await run(problem, {
          ...options,
          iterations: at,
          onIteration: (progress) => (state = progress.state()),
        });
        assert.deepEqual(state, first.state);
        return run(problem, { ...options, resume: structuredClone(first.state) });
      };
      await same(whole, resumed());
    },
  );

  property(
    "on one thread and two, pruned or not, where groups drift for long",
    [fc.nat(), fc.boolean()],
    async (seed, spherical) => {
      const [rows, columns, clusters] = [1500, 40, 90];
      const key = stream(seed, "drifting groups").key();
      const values = Float32Array.from({ length: rows * columns }, (_, at) => {
        const row = Math.floor(at / columns);
        return hashNormal(key, row % 60, at % columns) + 0.8 * hashNormal(key, 60 + row, at % columns);
      });
      const start = values.slice(0, clusters * columns);
      const problem = { rows, columns, values, clusters, spherical, start };
      const found = await run(problem, { prune: false });
      let compared = 0;
      const pruned = await run(problem, { onIteration: (progress) => (compared += progress.compared) }, two);
      assert.deepEqual(bits(pruned), bits(found));
      assert.ok(compared < 0.9 * found.iterations, `${compared} of ${found.iterations} comparisons of all with all`);
    },
    { runs: 12 },
  );
});
