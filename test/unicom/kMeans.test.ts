import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { openEngine } from "../../src/tensor/openEngine.js";
import { inEveryMode } from "../tensor/engines/gpu/inEveryMode.js";
import { hashNormal, stream } from "../../src/tensor/random.js";
import { kMeans, rowsOf, type KMeansOptions, type KMeansProgress, type RowSource } from "../../src/unicom/index.js";

const engine = await openEngine("wasm", { threads: 1 });
const exact = await openEngine("reference", { float: "float64" });
after(() => Promise.all([engine.close(), exact.close()]));

const run = (values: number[], columns: number, options: KMeansOptions) =>
  kMeans(engine, rowsOf(Float32Array.from(values), columns), options);

/** Rows around `groups` points of length 10, row i in group i mod groups. */
function clouds(rows: number, columns: number, groups: number): Float32Array {
  const key = stream("clouds").key();
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    return 10 * hashNormal(key, row % groups, column) + hashNormal(key, groups + row, column) / 10;
  });
}

describe("k-means", () => {
  it("finds two groups on a line by hand: centroids 1 and 11, inertia 1 + 0 + 1 + 1 + 0 + 1", async () => {
    const start = Float32Array.of(0, 1);
    const found = await run([0, 1, 2, 10, 11, 12], 1, { clusters: 2, start });
    assert.deepEqual([...found.centroids], [1, 11]);
    assert.deepEqual([...found.labels], [0, 0, 0, 1, 1, 1]);
    assert.equal(found.inertia, 4);
    assert.ok(found.converged);
    assert.equal(found.empty, 0);
  });

  it("counts its iterations: labels of the last are those of the centroids it returns", async () => {
    const lines: KMeansProgress[] = [];
    const onIteration = (line: KMeansProgress): void => void lines.push(line);
    const start = Float32Array.of(0, 1);
    await run([0, 1, 2, 10, 11, 12], 1, { clusters: 2, start, onIteration, prune: false });
    // by hand: 0 and 1, inertia 0 + 0 + 1 + 81 + 100 + 121; 0 and 36/5, to which 1 and 2 are not nearer; 1 and 11
    assert.deepEqual(
      lines.map(({ iteration, changed, empty, compared }) => [iteration, changed, empty, compared]),
      [
        [1, 6, 0, 1],
        [2, 2, 0, 1],
        [3, 0, 0, 1],
      ],
    );
    assert.equal(lines[0].inertia, 303);
    assert.equal(lines[2].inertia, 4);
  });

  it("gives an empty cluster the row farthest from its centroid, of the largest cluster", async () => {
    // all six rows are nearest to the first centroid, 3; the farthest is 30
    const found = await run([1, 2, 3, 4, 5, 30], 1, { clusters: 2, start: Float32Array.of(3, 1e6) });
    assert.deepEqual([...found.labels], [0, 0, 0, 0, 0, 1]);
    assert.deepEqual([...found.centroids], [3, 30]);
    assert.equal(found.inertia, 4 + 1 + 0 + 1 + 4);
  });

  it("of several empty clusters each takes another row, the lower row of two as far", async () => {
    const lines: number[] = [];
    const found = await run([-4, 0, 0, 4], 1, {
      clusters: 3,
      start: Float32Array.of(0, 100, 200),
      onIteration: ({ empty }) => lines.push(empty),
    });
    assert.deepEqual(lines.slice(0, 2), [2, 0]);
    assert.deepEqual([...found.centroids], [0, -4, 4]);
    assert.equal(found.inertia, 0);
  });

  it("finds groups that are far apart from a k-means++ start, with both methods", async () => {
    const values = clouds(600, 8, 6);
    for (const method of ["lloyd", "mini-batch"] as const) {
      const found = await kMeans(engine, rowsOf(values, 8), { clusters: 6, method, batchRows: 100, iterations: 30 });
      for (let row = 0; row < 600; row++)
        assert.equal(found.labels[row], found.labels[row % 6], `${method}, row ${row}`);
      assert.equal(new Set(found.labels).size, 6);
    }
  });

  it("gives a row between two centroids to the lower number, whichever of them stood still", async () => {
    // 6.5 is as far from 10, the mean of 6.5 and 13.5, as from 3, where the centroid of 2 and 4 comes from 2
    for (const prune of [true, false]) {
      const found = (start: Float32Array) =>
        run([2, 4, 6.5, 13.5], 1, { clusters: 2, iterations: 2, start, prune }).then(({ labels }) => [...labels]);
      assert.deepEqual(await found(Float32Array.of(2, 10)), [0, 0, 0, 1]);
      assert.deepEqual(await found(Float32Array.of(10, 2)), [1, 1, 0, 0]);
    }
  });

  it("reads chunks from a source that answers later, and never more at once than asked for", async () => {
    const values = clouds(100, 3, 4);
    const asked: number[] = [];
    const source: RowSource = {
      rows: 100,
      columns: 3,
      read: async (start, end) => {
        asked.push(end - start);
        return values.slice(3 * start, 3 * end);
      },
    };
    const found = await kMeans(exact, source, { clusters: 4, chunkRows: 7 });
    assert.equal(Math.max(...asked), 7);
    const plain = await kMeans(exact, rowsOf(values, 3), { clusters: 4 });
    assert.deepEqual(found.labels, plain.labels);
    assert.deepEqual(found.centroids, plain.centroids);
  });

  it("ends with the signal's reason, and leaves no tensor behind", async () => {
    const before = engine.memory().tensors;
    const reason = new Error("enough");
    const controller = new AbortController();
    const stopped = run([...clouds(50, 2, 50)], 2, {
      clusters: 5,
      signal: controller.signal,
      tolerance: 0,
      onIteration: () => controller.abort(reason),
    });
    await assert.rejects(stopped, reason);
    assert.equal(engine.memory().tensors, before);
    await run([...clouds(50, 2, 50)], 2, { clusters: 5, start: "random" });
    assert.equal(engine.memory().tensors, before);
  });

  it("spherical: rows of zeros get a label and begin no cluster", async () => {
    const values = [0, 0, 1, 0, 0, 1, 2, 0, 0, 3, 0, 0];
    for (const start of ["random", "k-means++"] as const) {
      const found = await run(values, 2, { clusters: 2, spherical: true, start });
      assert.equal(found.labels[1], found.labels[3], start);
      assert.notEqual(found.labels[1], found.labels[2], start);
      assert.ok(found.labels[0] >= 0);
    }
  });
});

inEveryMode("k-means on", (queued) => {
  it("finds two groups on a line by hand", async () => {
    const source = rowsOf(Float32Array.of(0, 1, 2, 10, 11, 12), 1);
    const found = await kMeans(queued(), source, { clusters: 2, start: Float32Array.of(0, 1), chunkRows: 4 });
    assert.deepEqual([...found.centroids], [1, 11]);
    assert.deepEqual([...found.labels], [0, 0, 0, 1, 1, 1]);
  });
});

describe("k-means refuses", () => {
  const four = [0, 0, 1, 1, 2, 2, 3, 3];
  const refused: readonly [string, number[], number, KMeansOptions, RegExp][] = [
    ["more clusters than rows", four, 2, { clusters: 5 }, /k is at most the number of rows.* k is 5, rows 4\./],
    ["no cluster", four, 2, { clusters: 0 }, /clusters \(k\) is a whole number from 1; given 0\./],
    ["half a cluster", four, 2, { clusters: 1.5 }, /clusters \(k\) is a whole number from 1; given 1.5\./],
    [
      "equal rows",
      [1, 2, 1, 2, 1, 2],
      2,
      { clusters: 2 },
      /2 clusters need as many different rows.* only 1 is different/,
    ],
    [
      "too few different rows",
      [1, 2, 1, 2, 2],
      1,
      { clusters: 3, start: "random" },
      /3 clusters .* only 2 are different/,
    ],
    [
      "them when they show later",
      [1, 1, 1],
      1,
      { clusters: 2, start: Float32Array.of(1, 5) },
      /all others consist of equal/,
    ],
    ["NaN", [0, 0, 1, NaN], 2, { clusters: 1 }, /features are finite numbers; row 1, column 1 is NaN\./],
    ["infinity", [0, -Infinity, 1, 0], 2, { clusters: 1 }, /row 0, column 1 is -Infinity\./],
    [
      "rows that are too long",
      [1e19, 0, 1, 0],
      2,
      { clusters: 1 },
      /rows are shorter than 3.2e\+18.* row 0 has length 1.0e\+19/,
    ],
    [
      "a start of another shape",
      four,
      2,
      { clusters: 2, start: Float32Array.of(1) },
      /2 centroids of 2 columns .* are 4 finite numbers; given 1/,
    ],
    ["a start that is not finite", four, 2, { clusters: 1, start: Float32Array.of(1, NaN) }, /are 2 finite numbers/],
    [
      "a start without direction",
      four,
      2,
      { clusters: 1, spherical: true, start: Float32Array.of(0, 0) },
      /row 0 of those to begin with is zero/,
    ],
    ["no iteration", four, 2, { clusters: 1, iterations: 0 }, /iterations is a whole number from 1; given 0/],
    ["a tolerance above all", four, 2, { clusters: 1, tolerance: 2 }, /tolerance is a share .* given 2/],
    ["a mini-batch of more than all", four, 2, { clusters: 1, batchRows: 5 }, /a mini-batch has at most the 4 rows/],
  ];
  for (const [what, values, columns, options, sentence] of refused) {
    it(what, async () => {
      await assert.rejects(run(values, columns, options), sentence);
    });
  }

  it("a state of another run", async () => {
    const { state } = await run(four, 2, { clusters: 2 });
    const damaged = { ...state, labels: Int32Array.of(0, 1, 2, 0) };
    await assert.rejects(run(four, 2, { clusters: 2, resume: damaged }), /from 0 to 1; that of row 2 is 2/);
    const infinite = { ...state, centroids: state.centroids.with(1, NaN) };
    await assert.rejects(run(four, 2, { clusters: 2, resume: infinite }), /damaged: .* a centroid is not finite/);
    const few = { ...state, method: "mini-batch" as const, labels: new Int32Array(0), seen: Float64Array.of(1) };
    await assert.rejects(
      run(four, 2, { clusters: 2, method: "mini-batch", resume: few }),
      /counts rows for 2 of them; it counts for 1\./,
    );
    await assert.rejects(run(four, 2, { clusters: 3, resume: state }), /its centroids are 4, where this one has 6/);
    await assert.rejects(run(four, 2, { clusters: 2, spherical: true, resume: state }), /its spherical are false/);
    await assert.rejects(
      run([0, 0, 1, 1], 2, { clusters: 2, resume: state }),
      /its labels are 4, where this one has 2/,
    );
  });

  it("a source that gives other rows than asked for", async () => {
    const source: RowSource = { rows: 2, columns: 2, read: () => new Float32Array(3) };
    await assert.rejects(
      kMeans(engine, source, { clusters: 1 }),
      /rows 0 to 2 of 2 columns are 4 numbers; the source gave 3/,
    );
    assert.throws(() => rowsOf(new Float32Array(5), 2), /whole rows has a multiple of 2 .* given 5/);
  });
});
