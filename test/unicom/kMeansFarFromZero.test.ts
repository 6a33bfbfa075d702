/** Rows such as 10⁴ + noise: scores in float32 from zero would be off by more than the noise. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { openEngine } from "../../src/tensor/openEngine.js";
import { hashNormal, stream } from "../../src/tensor/random.js";
import { kMeans, rowsOf, type KMeansState } from "../../src/unicom/index.js";

const engine = await openEngine("wasm", { threads: 1 });
after(() => engine.close());

const [ROWS, COLUMNS] = [600, 6];
const GRID = 2 ** 8;

/** Noise of deviation 1 around 12 points that are some 5 apart, in steps that offsets up to 2¹⁶ leave as they are. */
const around = (offset: number): Float32Array => {
  const key = stream("far from zero").key();
  return Float32Array.from({ length: ROWS * COLUMNS }, (_, at) => {
    const [row, column] = [Math.floor(at / COLUMNS), at % COLUMNS];
    const value = 2 * hashNormal(key, row % 12, column) + hashNormal(key, 12 + row, column);
    return offset + Math.round(GRID * value) / GRID;
  });
};

describe("k-means far from zero", () => {
  const options = { clusters: 12, tolerance: 0, iterations: 200, seed: 3 };
  for (const offset of [1e3, -1e4]) {
    it(`has the labels it has around zero, and its inertia but for the rounding of centroids: ${offset}`, async () => {
      const near = await kMeans(engine, rowsOf(around(0), COLUMNS), options);
      assert.ok(near.converged && near.iterations > 5);
      for (const prune of [true, false]) {
        const far = await kMeans(engine, rowsOf(around(offset), COLUMNS), { ...options, prune });
        assert.deepEqual(far.labels, near.labels);
        assert.equal(far.iterations, near.iterations);
        // centroids are means when labels have settled, so that an error of theirs adds its square; float32 numbers near 10⁴ are 2⁻¹⁰ apart
        const allowed = ROWS * COLUMNS * (2 ** -11) ** 2 + 1e-9 * near.inertia;
        assert.ok(Math.abs(far.inertia - near.inertia) <= allowed, `${far.inertia}, around zero ${near.inertia}`);
      }
    });
  }

  it("goes on from a state to the same bits, by either method", async () => {
    for (const method of ["lloyd", "mini-batch"] as const) {
      const source = rowsOf(around(1e4), COLUMNS);
      const states: KMeansState[] = [];
      const run = { ...options, method, batchRows: 100, iterations: 12 };
      const whole = await kMeans(engine, source, { ...run, onIteration: (progress) => states.push(progress.state()) });
      const resumed = await kMeans(engine, source, { ...run, chunkRows: 7, resume: structuredClone(states[3]) });
      assert.deepEqual(resumed.state, whole.state);
      assert.deepEqual(resumed.labels, whole.labels);
      assert.equal(resumed.inertia, whole.inertia);
    }
  });

  it("does not shift rows whose directions are compared", async () => {
    // by hand: (10, 1) and (20, 1.9) point the same way, (10, 9) and (1, 1) another; from their mean they would not
    const rows = Float32Array.of(10, 1, 20, 1.9, 10, 9, 1, 1);
    const start = Float32Array.of(1, 0, 1, 1);
    const { labels } = await kMeans(engine, rowsOf(rows, 2), { clusters: 2, spherical: true, start });
    assert.deepEqual([...labels], [0, 0, 1, 1]);
  });
});
