/**
 * A rank without a class of the batch sampled nothing, and the fused path asked the wasm engine for NaN bytes: everything after it
 * failed with "no block begins at NaN". It has nothing to offer and takes part.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parameter } from "../../src/autograd/index.js";
import { cosFace } from "../../src/pfc/margins/cosFace.js";
import { PartialFC } from "../../src/pfc/partialFC.js";
import { InProcessRanks } from "../../src/ranks/inProcessRanks.js";
import { openEngine } from "../../src/tensor/openEngine.js";

test("four ranks with two classes, one of them in the batch", async () => {
  const engine = await openEngine("wasm", { threads: 1 });
  const ranks = new InProcessRanks(engine, 4);
  const options = {
    classes: 2,
    embedding: 3,
    ratio: 0,
    margin: cosFace({ scale: 8 }),
    path: "fused",
    seed: 1,
  } as const;
  const heads = ranks.communicators.map((communicator) => new PartialFC(engine, { ...options, communicator }));
  const losses = ranks.run(({ rank }) => {
    const x = parameter(engine.tensor([1, 2, rank], [1, 3]));
    try {
      heads[rank].centers.clear();
      const loss = heads[rank].loss(x, Int32Array.of(0), 0);
      loss.backward();
      return loss.dataSync()[0];
    } finally {
      x.zeroGrad();
      x.tensor.dispose();
    }
  });
  assert.deepEqual(losses, [0, 0, 0, 0]); // the one class of the sample cannot be missed
  for (const head of heads) head.dispose();
  assert.deepEqual([engine.memory().tensors, engine.memory().inUse], [0, 0]);
  await engine.close();
});
