import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import type { CosineSweep } from "../../src/tensor/cosineSweep.js";
import { openEngine } from "../../src/tensor/openEngine.js";

const engines = [await openEngine("reference", { float: "float64" }), await openEngine("wasm", { threads: 1 })];
after(async () => {
  for (const engine of engines) await engine.close();
});

const rule = { rate: 0.1, momentum: 0, decay: 0, nesterov: false };

for (const engine of engines) {
  describe(`a cosine sweep on ${engine.name}`, () => {
    const store = engine.rowStore(5, 2, { initialize: (row, target, offset) => target.set([1, row], offset) });
    const begin = (index = Int32Array.of(0, 3)): CosineSweep => {
      const labels = Int32Array.of(index.length > 0 ? 0 : -1);
      return engine.cosineSweep({ store, index, x: engine.tensor([1, 0], [1, 2]), labels, scale: 1, filter: 0 });
    };
    const backward = (sweep: CosineSweep): number[] => [
      ...sweep.backward(engine.tensor([0], [1]), engine.tensor([1], [1]), engine.tensor([1], [])).dataSync(),
    ];

    it("takes its passes in order, and each with a sentence", () => {
      const sweep = begin();
      assert.throws(() => sweep.gradient(), /gradient came before backward/);
      assert.throws(() => sweep.update(undefined, rule), /update came before backward/);
      sweep.statistics();
      backward(sweep);
      assert.throws(() => sweep.statistics(), /statistics came after backward/);
      assert.throws(() => backward(sweep), /backward came after backward/);
      sweep.gradient();
      sweep.gradient();
      sweep.update(undefined, rule);
      for (const pass of [() => sweep.gradient(), () => sweep.update(undefined, rule), () => backward(sweep)]) {
        assert.throws(pass, /after the rows were updated or given up; .* call zeroGrad after each/);
      }
      sweep.dispose();
    });

    it("of no class has no logits and no gradient", () => {
      const sweep = begin(new Int32Array(0));
      const { largest, total, target } = sweep.statistics();
      assert.ok(largest.dataSync()[0] < -1e38, `${largest.dataSync()[0]}`);
      assert.deepEqual([...total.dataSync(), ...target.dataSync()], [0, 0]);
      assert.deepEqual(backward(sweep), [0, 0]);
      assert.deepEqual(sweep.gradient().shape, [0, 2]);
      sweep.update(undefined, rule);
      sweep.dispose();
    });

    it("refuses a batch without a row", () => {
      const x = engine.tensor([], [0, 2]);
      const request = { store, index: Int32Array.of(0), x, labels: new Int32Array(0), scale: 1, filter: 0 };
      assert.throws(() => engine.cosineSweep(request), /one row a label, at least one, .* given \[0, 2\] and 0 labels/);
    });
  });
}
