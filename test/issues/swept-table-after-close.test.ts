/** A small job on a table was still done after the engine was closed: only the engine's own methods asked whether it was open. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parameter } from "../../src/autograd/index.js";
import { SGD } from "../../src/nn/index.js";
import { cosFace, PartialFC } from "../../src/pfc/index.js";
import { openEngine } from "../../src/tensor/openEngine.js";

for (const threads of [1, 2]) {
  test(`an optimizer does not step on an engine of ${threads} threads that was closed`, async () => {
    const engine = await openEngine("wasm", { threads });
    const options = { classes: 5, embedding: 2, ratio: 1, margin: cosFace(), seed: 1, path: "fused" } as const;
    const head = new PartialFC(engine, options);
    const optimizer = new SGD(head);
    engine.scope(() => head.loss(parameter(engine.tensor([1, 2], [1, 2])), Int32Array.of(3), 0).backward());
    const before = await head.centers.store.read(0, 5);
    await engine.close();
    assert.throws(() => optimizer.step({ rate: 0.1 }), /sweepUpdate was asked for after close\(\)/);
    assert.deepEqual(await head.centers.store.read(0, 5), before);
  });
}
