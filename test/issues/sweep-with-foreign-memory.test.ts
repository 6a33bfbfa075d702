/**
 * Sweeps of the wasm engine trusted what they were given: a head or an optimizer that was already disposed was read and written in memory
 * that others may have by then, a velocity of fewer rows and too many sums of logits were written beyond their blocks. All in silence; the
 * formula path refused each of these.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { constant } from "../../src/autograd/index.js";
import { SGD } from "../../src/nn/sgd.js";
import { cosFace } from "../../src/pfc/margins/cosFace.js";
import { PartialFC } from "../../src/pfc/partialFC.js";
import type { CosineSweep } from "../../src/tensor/cosineSweep.js";
import type { Engine } from "../../src/tensor/engine.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import type { RowStore } from "../../src/tensor/rowStore.js";

const RULE = { rate: 0.1, momentum: 0.9, decay: 0, nesterov: false };

for (const name of ["reference", "wasm"] as const) {
  describe(`a sweep on ${name} refuses`, () => {
    let engine: Engine;
    before(async () => {
      engine = await openEngine(name);
    });
    after(async () => engine.close());

    const headOf = (): PartialFC =>
      new PartialFC(engine, { classes: 8, embedding: 3, ratio: 1, margin: cosFace(), path: "fused", seed: 1 });
    const lossOf = (head: PartialFC) => head.loss(constant(engine.tensor([1, 2, 3], [1, 3])), Int32Array.of(0), 0);
    const sweepOf = (store: RowStore, on = engine): CosineSweep => {
      const x = on.tensor([1, 0, 0], [1, 3]);
      return on.cosineSweep({ store, index: Int32Array.of(0, 7), x, labels: Int32Array.of(1), scale: 2, filter: 0 });
    };
    const differentiated = (store: RowStore): CosineSweep => {
      const sweep = sweepOf(store);
      sweep.statistics();
      sweep.backward(engine.full([1], 1), engine.full([1], 1), engine.full([], 1));
      return sweep;
    };

    test("the table of a head that was disposed", () => {
      const head = headOf();
      head.dispose();
      assert.throws(() => lossOf(head), /already disposed/);
    });

    test("the momentum of an optimizer that was disposed", () => {
      const head = headOf();
      const optimizer = new SGD(head, { momentum: 0.9 });
      engine.scope(() => lossOf(head).backward());
      optimizer.step({ rate: 0.1 });
      optimizer.zeroGrad();
      optimizer.dispose();
      engine.scope(() => lossOf(head).backward());
      assert.throws(() => optimizer.step({ rate: 0.1 }), /already disposed/);
    });

    test("velocities of another size or kind", () => {
      const store = engine.rowStore(8, 3);
      for (const velocity of [engine.rowStore(2, 3), engine.rowStore(8, 2), store.beside("float16")]) {
        assert.throws(
          () => differentiated(store).update(velocity, RULE),
          /table and velocity are kept alike.*\[8, 3\] in float32/,
        );
      }
    });

    test("more or fewer numbers than samples", () => {
      const store = engine.rowStore(8, 3);
      for (const [sums, slopes, factors] of [
        [3000, 1, 1],
        [1, 3000, 1],
        [1, 0, 1],
        [1, 1, 2],
      ]) {
        const sweep = sweepOf(store);
        sweep.statistics();
        const [logSum, targetGradient, factor] = [sums, slopes, factors].map((size) => engine.full([size], 1));
        assert.throws(() => sweep.backward(logSum, targetGradient, factor), /each of 1 samples, and one factor; given/);
      }
    });

    test("the table of another engine", async () => {
      const other = await openEngine(name);
      assert.throws(() => sweepOf(other.rowStore(8, 3)), /the table is on another engine/);
      await other.close();
    });
  });
}

test("cosines that find no room beside the table are refused with their bytes and the way around", async () => {
  const engine = await openEngine("wasm", { threads: 1, mostPages: 32 });
  const store = engine.rowStore(8000, 4);
  const x = engine.full([64, 4], 0.5);
  const request = { store, index: Int32Array.from({ length: 8000 }, (_, row) => row), x, scale: 2, filter: 0 };
  const labels = new Int32Array(64);
  const held = engine.memory().inUse;
  assert.throws(
    () => engine.cosineSweep({ ...request, labels }),
    /2048000 bytes of cosines of 8000 classes.*keepCosines: false/,
  );
  assert.equal(engine.memory().inUse, held);
  engine.cosineSweep({ ...request, labels, keep: false }).statistics();
  await engine.close();
});

for (const options of [
  { bankBytes: 0 },
  { bankBytes: 98_304 },
  { bankBytes: 2 ** 33 },
  { bankBytes: NaN },
  { mostPages: 0 },
  { mostPages: 70_000 },
]) {
  test(`a memory of ${JSON.stringify(options)} is refused by the name of the option`, async () => {
    await assert.rejects(openEngine("wasm", { threads: 1, ...options }), /(bankBytes|mostPages) makes whole pages/);
  });
}
