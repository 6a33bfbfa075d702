/**
 * An optimizer that stepped twice on one loss of the fused path took the gradient of rows that were no longer there: centers of length 1 became
 * 800,000 long, in silence. The formula path keeps its gradient and takes it twice; a sweep ends with its first update and says so.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { constant } from "../../src/autograd/index.js";
import { SGD } from "../../src/nn/sgd.js";
import { cosFace } from "../../src/pfc/margins/cosFace.js";
import { PartialFC } from "../../src/pfc/partialFC.js";
import { openEngine } from "../../src/tensor/openEngine.js";

test("a second step without a second loss is refused and changes nothing", async () => {
  const engine = await openEngine("wasm", { threads: 1 });
  const head = new PartialFC(engine, { classes: 4, embedding: 3, ratio: 1, margin: cosFace(), path: "fused", seed: 1 });
  const optimizer = new SGD(head, { momentum: 0.9 });
  engine.scope(() => head.loss(constant(engine.tensor([1, 2, 3], [1, 3])), Int32Array.of(0), 0).backward());
  optimizer.step({ rate: 0.1 });
  const once = await head.centers.store.read(0, 4);
  assert.throws(
    () => optimizer.step({ rate: 0.1 }),
    /a step of an optimizer needs a loss of its own, so call zeroGrad/,
  );
  assert.deepEqual(await head.centers.store.read(0, 4), once);
  await engine.close();
});
