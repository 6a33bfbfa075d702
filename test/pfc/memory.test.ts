/** A head leaves the heap of the wasm engine as it found it, whatever its margin, ratio, filter, update and optimizer. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { constant, noGrad, parameter } from "../../src/autograd/index.js";
import { AdamW, SGD } from "../../src/nn/index.js";
import { arcFace, combinedMargin, cosFace, generalMargin, PartialFC, type Margin } from "../../src/pfc/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { openEngine } from "../../src/tensor/openEngine.js";

const margins: Record<string, Margin> = {
  cosFace: cosFace(),
  "arcFace, exact": arcFace(),
  "arcFace, straight-through": arcFace({ gradient: "straight-through", beyondPi: "wrap" }),
  combinedMargin: combinedMargin({ m2: 0.5 }),
  generalMargin: generalMargin({ m1: 1.2, m2: 0.1, m3: 0.1 }),
};

describe("memory", () => {
  let engine: Engine;
  before(async () => {
    engine = await openEngine("wasm", { threads: 1 });
  });
  after(() => engine.close());

  const embeddings = () => engine.tensor([1, 2, 3, 4, -1, 0, 2, 1, 0, 3, -2, 1], [3, 4]);

  for (const [name, margin] of Object.entries(margins)) {
    it(`${name}: nothing is left when the head has been trained and given up`, () => {
      for (const ratio of [1, 0.3, 0]) {
        for (const filter of [0, 0.4]) {
          for (const update of ["sparse", "dense"] as const) {
            const head = new PartialFC(engine, { classes: 20, embedding: 4, ratio, margin, filter, update, seed: 1 });
            for (const optimizer of [new SGD(head, { momentum: 0.9 }), new AdamW(head)]) {
              engine.scope(() => {
                const x = parameter(embeddings());
                head.loss(x, Int32Array.of(1, 5, 1), 0).backward();
                head.loss(x, Int32Array.of(1, 5, 2), 1).backward(); // accumulation: two gathers, one update
                optimizer.step({ rate: 0.1 });
                optimizer.zeroGrad();
                x.zeroGrad();
                x.tensor.dispose();
              });
              engine.scope(() => void noGrad(() => head.loss(constant(embeddings()), Int32Array.of(1, 5, 1), 2)));
              optimizer.dispose();
            }
            head.dispose();
            assert.deepEqual([engine.memory().tensors, engine.memory().inUse], [0, 0]);
          }
        }
      }
    });
  }
});
