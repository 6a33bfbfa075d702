import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constant, noGrad, type Variable } from "../../src/autograd/index.js";
import { RowParameter } from "../../src/nn/rowParameter.js";
import type { CosineSweep } from "../../src/tensor/cosineSweep.js";
import { openEngine } from "../../src/tensor/openEngine.js";

describe("a table of which a step sweeps some rows", () => {
  const opened = async () => {
    const engine = await openEngine("wasm", { threads: 1 });
    const table = new RowParameter("centers", engine.rowStore(6, 3));
    const x = engine.keep(engine.tensor([1, 0, 0], [1, 3]));
    const request = { index: Int32Array.of(1, 4), x, labels: Int32Array.of(0), scale: 1, filter: 0 };
    return { engine, table, request, memory: () => [engine.memory().tensors, engine.memory().inUse] };
  };

  it("keeps sweep and stand until it is told to forget", async () => {
    const { engine, table, request, memory } = await opened();
    const before = memory();
    const seen = engine.scope(() => table.sweep(request, (sweep, stand) => ({ sweep, stand })));
    assert.ok(seen.stand.requiresGrad);
    assert.deepEqual(table.pending, [{ index: request.index, variable: seen.stand, sweep: seen.sweep }]);
    assert.ok(engine.memory().inUse > before[1]);
    table.clear();
    assert.equal(table.pending.length, 0);
    assert.deepEqual(memory(), before);
    await engine.close();
  });

  it("releases them when the body ends, under noGrad, and when it throws", async () => {
    const { engine, table, request, memory } = await opened();
    const before = memory();
    const body = (sweep: CosineSweep, stand: Variable): number => {
      assert.ok(!stand.requiresGrad);
      return engine.scope(() => sweep.statistics().target.dataSync()[0]);
    };
    assert.equal(
      noGrad(() => table.sweep(request, body)),
      0, // rows of zeros
    );
    assert.deepEqual(memory(), before);
    assert.throws(() => table.sweep(request, () => assert.fail("no loss")), /no loss/);
    assert.deepEqual(memory(), before);
    assert.equal(table.pending.length, 0);
    await engine.close();
  });

  it("gives a sweep that is over no more passes", async () => {
    const { engine, table, request } = await opened();
    const sweep = table.sweep(request, (given) => given);
    table.clear();
    assert.throws(() => sweep.statistics(), /statistics came after the rows were updated or given up/);
    assert.throws(() => constant(sweep.gradient()), /gradient came after the rows were updated or given up/);
    await engine.close();
  });
});
