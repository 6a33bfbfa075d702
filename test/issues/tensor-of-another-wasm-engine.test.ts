import assert from "node:assert/strict";
import { test } from "node:test";
import { openEngine } from "../../src/tensor/openEngine.js";

// A second engine has a heap of its own: its addresses were read as if they were addresses of the first.
test("a kernel refuses the tensor of another wasm engine", async () => {
  const [own, other] = [await openEngine("wasm", { threads: 1 }), await openEngine("wasm", { threads: 1 })];
  const [a, b] = [own.tensor([1, 2], [2]), other.tensor([3, 4], [2])];
  assert.throws(() => own.binary("add", a, b), /add: the tensor of shape \[2\] is on the engine .*, not on this one/);
  assert.throws(() => own.matmul(a.reshape([1, 2]), b.reshape([2, 1]), false, false), /not on this one/);
  assert.deepEqual([...own.binary("add", a, a).dataSync()], [2, 4]);
  await own.close();
  await other.close();
});
