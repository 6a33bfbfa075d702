import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { pointerOf } from "../../../../src/tensor/engines/wasm/context.js";
import { limitCalls } from "../../../../src/tensor/engines/wasm/limits.js";
import type { WasmEngine } from "../../../../src/tensor/engines/wasm/wasmEngine.js";
import { openEngine } from "../../../../src/tensor/openEngine.js";
import type { Tensor } from "../../../../src/tensor/tensor.js";

for (const threads of [1, 2]) {
  describe(`limits on ${threads} thread${threads > 1 ? "s" : ""}`, () => {
    let engine: WasmEngine;
    before(async () => {
      engine = await openEngine("wasm", { threads });
    });
    after(async () => engine.close());

    const at = (tensor: Tensor): number => pointerOf(engine, tensor, "test");
    const counted = (): Tensor =>
      engine.tensor(
        Float32Array.from({ length: 64 }, (_, i) => i),
        [64],
      );

    test("a copy and a triad touch the items that they are given, and no other", () => {
      const [x, y, z] = [counted(), engine.full([64], 2), engine.full([64], -1)];
      engine.run("triadLimit", 3, [at(x), at(y), at(z), 16], Infinity);
      const sums = [...z.dataSync()];
      assert.deepEqual(sums, [...Array.from({ length: 48 }, (_, i) => i + 1), ...new Array<number>(16).fill(-1)]);
      engine.run("copyLimit", 2, [at(x), at(z), 16], Infinity);
      assert.deepEqual([...z.dataSync()], [...x.dataSync().slice(0, 32), ...sums.slice(32)]);
    });

    test("c · a + b repeated converges to b / (1 − a), in all twelve chains of every item", () => {
      const sums = engine.full([8], 0);
      engine.run("multiplyAddLimit", 2, [at(sums), 100], Infinity);
      assert.deepEqual([...sums.dataSync()], new Array(8).fill(12 * 2)); // a = 1/2, b = 1
    });

    test("a meeting to which too few come ends, and says so", () => {
      const counter = engine.full([1], 0);
      engine.run("meet", 1, [at(counter), threads + 1, 1000], Infinity);
      assert.equal(engine.heap.integers[at(counter) / 4], -1);
    });

    test("the calls run, all threads meet, and the arrays are given back", () => {
      const before = engine.memory().tensors;
      const calls = limitCalls(engine);
      for (const call of [calls.copy, calls.triad, calls.multiplyAdd]) call.run();
      assert.equal(calls.dispatch === undefined, threads === 1);
      calls.dispatch?.run(); // throws unless all threads come
      calls.dispose();
      assert.equal(engine.memory().tensors, before);
    });
  });
}
