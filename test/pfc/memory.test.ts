/** A head leaves the heap of the wasm engine as it found it, whatever its margin, path, ratio, filter, update and optimizer. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { constant, noGrad, parameter } from "../../src/autograd/index.js";
import { adaCos, madaCos } from "../../src/cfcd/index.js";
import { AdamW, SGD } from "../../src/nn/index.js";
import {
  arcFace,
  combinedMargin,
  cosFace,
  generalMargin,
  PartialFC,
  type Margin,
  type MarginSupplier,
} from "../../src/pfc/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { alone } from "../../src/ranks/alone.js";
import { openEngine } from "../../src/tensor/openEngine.js";

const margins: Record<string, Margin | MarginSupplier> = {
  cosFace: cosFace(),
  "arcFace, exact": arcFace(),
  "arcFace, straight-through": arcFace({ gradient: "straight-through", beyondPi: "wrap" }),
  combinedMargin: combinedMargin({ m2: 0.5 }),
  generalMargin: generalMargin({ m1: 1.2, m2: 0.1, m3: 0.1 }),
  madaCos: madaCos(),
  adaCos: adaCos({ classes: 20 }),
};

describe("memory", () => {
  let engine: Engine;
  before(async () => {
    engine = await openEngine("wasm", { threads: 1 });
  });
  after(() => engine.close());

  const embeddings = () => engine.tensor([1, 2, 3, 4, -1, 0, 2, 1, 0, 3, -2, 1], [3, 4]);

  const paths = [{ path: "formula" }, { path: "fused" }, { path: "fused", keepCosines: false }] as const;

  for (const [name, margin] of Object.entries(margins)) {
    it(`${name}: nothing is left when the head has been trained and given up`, () => {
      for (const way of paths) {
        for (const { ratio, filter } of [
          { ratio: 1, filter: 0 },
          { ratio: 0.3, filter: 0.4 },
          { ratio: 0, filter: 0.4 },
        ]) {
          for (const update of ["sparse", "dense"] as const) {
            const sizes = { classes: 20, embedding: 4, seed: 1 };
            const head = new PartialFC(engine, { ...sizes, ...way, ratio, margin, filter, update });
            for (const optimizer of [new SGD(head, { momentum: 0.9 }), new AdamW(head)]) {
              engine.scope(() => {
                const x = parameter(embeddings());
                head.loss(x, Int32Array.of(1, 5, 1), 0).backward();
                head.loss(x, Int32Array.of(1, 5, 2), 1).backward(); // accumulation: two gathers, one update
                head.loss(x, Int32Array.of(1, 5, 3), 1); // never differentiated
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

  it("fused: nothing is left of a loss that was given up in the middle of its sweep", () => {
    const refusing = { ...alone, allReduce: () => assert.fail("no answer") };
    const sizes = { classes: 20, embedding: 4, seed: 1, margin: cosFace(), communicator: refusing };
    const head = new PartialFC(engine, { ...sizes, path: "fused" });
    const x = parameter(embeddings());
    assert.throws(() => engine.scope(() => head.loss(x, Int32Array.of(1, 5, 1), 0)), /no answer/);
    assert.equal(head.centers.pending.length, 0);
    x.tensor.dispose();
    head.dispose();
    assert.deepEqual([engine.memory().tensors, engine.memory().inUse], [0, 0]);
  });
});
