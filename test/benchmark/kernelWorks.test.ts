import assert from "node:assert/strict";
import { test } from "node:test";
import { kernelWorks } from "../../src/benchmark/kernelWorks.js";
import { openEngine } from "../../src/tensor/openEngine.js";

test("words narrow the kernels to those that have one of them in their name; a word that none has is refused", async () => {
  const engine = await openEngine("wasm", { threads: 1 });
  const { works, dispose } = kernelWorks(engine, "", { words: ["matmul", "softmax"] });
  assert.deepEqual(
    works.map(({ name }) => name),
    ["matmul 512", "matmul 1024", "softmax 128x10000"],
  );
  dispose();
  assert.throws(
    () => kernelWorks(engine, "", { words: ["gemm"] }),
    /no kernel has gemm in its name; there are matmul 512; /,
  );
  assert.equal(engine.memory().tensors, 0);
  await engine.close();
});
