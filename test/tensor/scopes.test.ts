import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Engine } from "../../src/tensor/engine.js";
import type { EngineName } from "../../src/tensor/engineNames.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import type { Tensor } from "../../src/tensor/tensor.js";

for (const name of ["wasm", "reference"] satisfies EngineName[]) {
  describe(`scopes on ${name}`, () => {
    let engine: Engine;
    const one = (): Tensor => engine.full([3], 1);
    before(async () => {
      engine = await openEngine(name);
    });
    after(() => engine.close());

    it("release at their end what was made inside", () => {
      const live = engine.memory().tensors;
      const made: Tensor[] = [];
      engine.scope(() => {
        made.push(one(), engine.unary("exp", one()));
      });
      assert.ok(made.every((tensor) => tensor.disposed));
      assert.equal(engine.memory().tensors, live);
    });

    it("leave alone what was made before", () => {
      const outside = one();
      engine.scope(() => engine.unary("exp", outside).dispose());
      assert.deepEqual([...outside.dataSync()], [1, 1, 1]);
      outside.dispose();
    });

    it("do not release what somebody keeps", () => {
      const kept = { tensor: undefined as Tensor | undefined };
      engine.scope(() => {
        kept.tensor = engine.keep(one());
      });
      assert.equal(kept.tensor?.disposed, false);
      kept.tensor?.dispose();
    });

    it("hand what they return to the scope around them", () => {
      let inner: Tensor | undefined;
      engine.scope(() => {
        inner = engine.scope(one);
        assert.equal(inner.disposed, false);
      });
      assert.equal(inner?.disposed, true);
    });

    it("hand what they return to the caller where no scope is around them", () => {
      const tensor = engine.scope(one);
      assert.deepEqual([...tensor.dataSync()], [1, 1, 1]);
      tensor.dispose();
    });

    it("find tensors in arrays, in plain objects and in whatever holds a tensor", () => {
      class Holder {
        constructor(readonly tensor: Tensor) {}
      }
      const result = engine.scope(() => ({ list: [one(), [one()]], deep: { holder: new Holder(one()) }, number: 3 }));
      const tensors = [result.list[0], (result.list[1] as Tensor[])[0], result.deep.holder.tensor] as Tensor[];
      assert.ok(tensors.every((tensor) => !tensor.disposed));
      for (const tensor of tensors) tensor.dispose();
    });

    it("release everything when the callback throws", () => {
      const live = engine.memory().tensors;
      assert.throws(
        () =>
          engine.scope(() => {
            engine.unary("exp", one());
            throw new RangeError("from inside");
          }),
        { name: "RangeError", message: "from inside" },
      );
      assert.equal(engine.memory().tensors, live);
    });

    it("refuse a callback that returns a promise, whose tensors would be gone before it ran on", () => {
      const live = engine.memory().tensors;
      assert.throws(() => engine.scope(async () => one()), /scope: the callback returned a promise/);
      assert.equal(engine.memory().tensors, live);
    });

    it("keep storage that a reshaped tensor still shares", () => {
      const flat = engine.scope(() => engine.tensor([1, 2, 3, 4], [2, 2]).reshape([4]));
      assert.deepEqual([...flat.dataSync()], [1, 2, 3, 4]);
      flat.dispose();
    });

    it("count storages, not tensors that share one", () => {
      const live = engine.memory().tensors;
      const square = engine.tensor([1, 2, 3, 4], [2, 2]);
      const flat = square.reshape([-1]);
      assert.equal(engine.memory().tensors, live + 1);
      square.dispose();
      assert.equal(engine.memory().tensors, live + 1);
      flat.dispose();
      assert.equal(engine.memory().tensors, live);
    });

    it("make the use of a released tensor an error that says what to do", () => {
      const tensor = engine.scope(() => void 0) ?? one();
      tensor.dispose();
      tensor.dispose(); // harmless
      for (const use of [() => engine.unary("exp", tensor), () => tensor.dataSync(), () => tensor.reshape([3])]) {
        assert.throws(use, /this tensor of shape \[3\] was already released; return it from its scope, or keep it/);
      }
    });
  });
}
