import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { noGrad } from "../../src/autograd/gradientMode.js";
import { RowParameter, type RowUpdate } from "../../src/nn/rowParameter.js";
import { SGD } from "../../src/nn/sgd.js";
import { updateRows, type RowRule } from "../../src/nn/updateRows.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import type { RowInitializer } from "../../src/tensor/rowStore.js";
import { plainSgd } from "./plainRules.js";
import { assertClose, pushGradient, rowsOf } from "./trainables.js";

const ROWS = 7;
const rule = { momentum: 0.9, decay: 0.01, nesterov: false };
const start = (row: number): number => 1 + row / 2;

function table(engine: ReferenceEngine, update: RowUpdate): RowParameter {
  return new RowParameter(
    "centers",
    engine.rowStore(ROWS, 1, { initialize: (row, target, offset) => (target[offset] = start(row)) }),
    update,
  );
}

/** What each step samples, and the gradient of each sampled row. */
const STEPS = [
  { rows: [0, 3, 5], gradients: [1, -2, 0.5] },
  { rows: [3, 4], gradients: [0.25, 1.5] },
  { rows: [0, 6], gradients: [-1, 2] },
];

describe("updateRows", () => {
  it("sparse: an unsampled row keeps value and momentum, as if the step had not been", async () => {
    const engine = new ReferenceEngine("float64");
    const centers = table(engine, "sparse");
    const optimizer = new SGD(centers, rule);
    for (const { rows, gradients } of STEPS) {
      pushGradient(engine, centers.gather(Int32Array.from(rows)), gradients);
      optimizer.step({ rate: 0.1 });
      optimizer.zeroGrad();
    }
    const expected = Array.from({ length: ROWS }, (_, row) => {
      const own = STEPS.filter(({ rows }) => rows.includes(row)).map(
        ({ rows, gradients }) => gradients[rows.indexOf(row)],
      );
      const rates = own.map(() => 0.1);
      return plainSgd(start(row), own, rates, rule).at(-1) ?? start(row);
    });
    assertClose((await rowsOf(centers)).flat(), expected);
  });

  it("dense: momentum and decay move every row, with gradient zero where it was not sampled", async () => {
    const engine = new ReferenceEngine("float64");
    const centers = table(engine, "dense");
    const optimizer = new SGD(centers, rule);
    for (const { rows, gradients } of STEPS) {
      pushGradient(engine, centers.gather(Int32Array.from(rows)), gradients);
      optimizer.step({ rate: 0.1 });
      optimizer.zeroGrad();
    }
    const expected = Array.from({ length: ROWS }, (_, row) => {
      const all = STEPS.map(({ rows, gradients }) => (rows.includes(row) ? gradients[rows.indexOf(row)] : 0));
      return plainSgd(start(row), all, [0.1, 0.1, 0.1], rule).at(-1)!;
    });
    assertClose((await rowsOf(centers)).flat(), expected);
  });

  it("dense: does not care how the table is cut into chunks", async () => {
    const results = await Promise.all(
      [1, 2, 3, 100].map(async (chunk) => {
        const engine = new ReferenceEngine("float64");
        const centers = table(engine, "dense");
        pushGradient(engine, centers.gather(Int32Array.of(1, 2, 6)), [1, 2, 3]);
        updateRows(centers, [], (value, gradient) => engine.blend(value, 0.9, gradient, -1), { chunkElements: chunk });
        return (await rowsOf(centers)).flat();
      }),
    );
    const expected = [0, 1, 2, 0, 0, 0, 3].map((gradient, row) => 0.9 * start(row) - gradient);
    for (const result of results) assertClose(result, expected);
  });

  for (const update of ["sparse", "dense"] as const) {
    it(`${update}: several gathers of one step count as one, gradients of the same row summed`, async () => {
      const engine = new ReferenceEngine("float64");
      const [separate, merged] = [table(engine, update), table(engine, update)];
      pushGradient(engine, separate.gather(Int32Array.of(5, 1)), [1, 2]);
      pushGradient(engine, separate.gather(Int32Array.of(0, 5, 5)), [4, 8, 16]);
      separate.gather(Int32Array.of(2)); // no gradient: as if it had not been gathered
      pushGradient(engine, merged.gather(Int32Array.of(0, 1, 5)), [4, 2, 25]);
      for (const centers of [separate, merged]) new SGD(centers, rule).step({ rate: 0.1 });
      assertClose((await rowsOf(separate)).flat(), (await rowsOf(merged)).flat());
    });

    it(`${update}: does nothing without a gradient`, async () => {
      const engine = new ReferenceEngine("float64");
      const centers = table(engine, update);
      const optimizer = new SGD(centers, rule);
      centers.gather(Int32Array.of(1));
      optimizer.step({ rate: 0.1 });
      assertClose(
        (await rowsOf(centers)).flat(),
        Array.from({ length: ROWS }, (_, row) => start(row)),
      );
      assert.deepEqual(optimizer.state().updates, { centers: 0 });
    });
  }

  it("remembers what was gathered until it is told to forget, and nothing under noGrad", () => {
    const engine = new ReferenceEngine("float64");
    const centers = table(engine, "sparse");
    const before = engine.memory().inUse;
    engine.scope(() => {
      const kept = centers.gather(Int32Array.of(1, 2));
      pushGradient(engine, kept, [1, 1]);
      noGrad(() => centers.gather(Int32Array.of(3)));
    });
    assert.deepEqual(
      centers.pending.map(({ index }) => [...index]),
      [[1, 2]],
    );
    assert.ok(engine.memory().inUse > before);
    centers.clear();
    assert.equal(centers.pending.length, 0);
    assert.equal(engine.memory().inUse, before);
  });
});

describe("updateRows after a sweep", () => {
  const engine = new ReferenceEngine("float64");
  const request = (index: readonly number[], x: readonly number[]) => ({
    index: Int32Array.from(index),
    x: engine.tensor(x, [1, 2]),
    labels: Int32Array.of(0),
    scale: 2,
    filter: 0,
  });

  /** Rows (1, 0), (1, 1), (1, 2) …, one sweep of row 1 and the given others, its gradient known: dL/dcos θ of the row is 1, of others 0. */
  function swept(update: RowUpdate, ...sweeps: readonly (readonly number[])[]): RowParameter {
    const initialize: RowInitializer = (row, target, offset) => target.set([1, row], offset);
    const centers = new RowParameter("centers", engine.rowStore(ROWS, 2, { initialize }), update);
    for (const index of sweeps) {
      centers.sweep(request(index, [0.6, 0.8]), (sweep, stand) => {
        sweep.backward(engine.tensor([0], [1]), engine.tensor([1], [1]), engine.tensor([0], []));
        pushGradient(engine, stand, [0]);
      });
    }
    return centers;
  }

  /** (x̂ − ŵ cos θ)/‖w‖ of x̂ = (0.6, 0.8) and w = (1, 1): cos θ = 1.4/√2. */
  const gradient = [(0.6 - 0.7) / Math.SQRT2, (0.8 - 0.7) / Math.SQRT2];
  const descend: RowRule = (value, slope) => engine.blend(value, 1, slope, -1);

  it("asks the rule for sweeps where the step was one sweep of a sparse table, and no other", () => {
    for (const [centers, expected] of [
      [swept("sparse", [1, 3]), "swept"],
      [swept("dense", [1, 3]), "gathered"],
      [swept("sparse", [1, 3], [1, 5]), "gathered"],
    ] as const) {
      const asked = new Set<string>();
      const rule: RowRule = () => void asked.add("gathered");
      updateRows(centers, [], rule, { sweepRule: () => void asked.add("swept") });
      assert.deepEqual([...asked], [expected]);
    }
  });

  it("multiplies the gradient out where there is no such rule, sums it over sweeps, and leaves other rows alone", async () => {
    for (const [centers, times] of [
      [swept("sparse", [1, 3]), 1],
      [swept("dense", [1, 3]), 1],
      [swept("sparse", [1, 3], [1, 5], [1]), 3],
    ] as const) {
      assert.ok(updateRows(centers, [], descend));
      const rows = await rowsOf(centers);
      assertClose(rows[1], [1 - times * gradient[0], 1 - times * gradient[1]]);
      for (const row of [0, 2, 3, 4, 5, 6]) assert.deepEqual(rows[row], [1, row]);
    }
  });

  it("ends every sweep of the step: a second one needs a new loss", () => {
    for (const centers of [swept("sparse", [1, 3]), swept("dense", [1, 3])]) {
      const optimizer = new SGD(centers, rule);
      optimizer.step({ rate: 0.1 });
      assert.throws(() => optimizer.step({ rate: 0.1 }), /call zeroGrad after each/);
      optimizer.zeroGrad();
      optimizer.step({ rate: 0.1 }); // nothing is left to do
      assert.deepEqual(optimizer.state().updates, { centers: 1 });
    }
  });
});
