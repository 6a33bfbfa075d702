import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { noGrad } from "../../src/autograd/gradientMode.js";
import { RowParameter, type RowUpdate } from "../../src/nn/rowParameter.js";
import { SGD } from "../../src/nn/sgd.js";
import { updateRows } from "../../src/nn/updateRows.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
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
