import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constant, noGrad, parameter } from "../../src/autograd/index.js";
import { evaluating, training } from "../../src/nn/context.js";
import { smallViT, smallViTSpecification } from "../../src/nn/smallViT.js";
import { TransformerBlock } from "../../src/nn/transformerBlock.js";
import { VisionTransformer } from "../../src/nn/visionTransformer.js";
import { lossesOfOrder } from "./learnsOrder.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { sizeOf } from "../../src/tensor/shape.js";

const TINY = { side: 9, patch: 4, width: 8, depth: 2, heads: 2, mlpRatio: 2, embedding: 4, seed: 3 };
const TOKENS = 4;

function images(engine: ReferenceEngine, count: number) {
  const values = Array.from({ length: count * 81 }, (_, i) => Math.sin(i * i * 0.37));
  return parameter(engine.tensor(values, [count, 1, 9, 9]));
}

/** Whether anything flows back into each patch of each image, in training. */
function usedPatches(maskRate: number, step: number): boolean[][] {
  const engine = new ReferenceEngine("float64");
  const network = smallViT(engine, { ...TINY, maskRate });
  const x = images(engine, 6);
  const weights = Array.from({ length: 24 }, (_, i) => Math.cos(i));
  network.forward(x, training(step)).backward(engine.tensor(weights, [6, 4]));
  const gradient = x.grad!.dataSync();
  return Array.from({ length: 6 }, (_, image) =>
    Array.from({ length: TOKENS }, (_, token) => {
      const corner = image * 81 + Math.floor(token / 2) * 36 + (token % 2) * 4;
      return [0, 1, 2, 3].some((row) => [0, 1, 2, 3].some((column) => gradient[corner + 9 * row + column] !== 0));
    }),
  );
}

describe("VisionTransformer", () => {
  it("has the parameters that one counts, in the small form", () => {
    const shapes = new VisionTransformer(smallViTSpecification({ side: 32 })).parameterShapes();
    const [width, tokens] = [96, 64];
    const blocks = 4 * (12 * width ** 2 + 10 * width);
    const head = tokens * width ** 2 + 2 * width + width * 128 + 2 * 128;
    assert.equal(
      shapes.reduce((total, { shape }) => total + sizeOf(shape), 0),
      tokens * width + 17 * width + blocks + 2 * width + head,
    );
  });

  it("has stochastic depth that rises linearly from 0 at the first block", () => {
    const network = new VisionTransformer({ ...smallViTSpecification({ side: 32, depth: 5, dropPath: 0.2 }) });
    const rates = network.blocks.children().map(([, block]) => {
      assert.ok(block instanceof TransformerBlock);
      assert.equal(block.dropPath1.rate, block.dropPath2.rate);
      return Number(block.dropPath1.rate.toFixed(12));
    });
    assert.deepEqual(rates, [0, 0.05, 0.1, 0.15, 0.2]);
    const single = new VisionTransformer(smallViTSpecification({ side: 32, depth: 1, dropPath: 0.2 }));
    assert.equal((single.blocks.children()[0][1] as TransformerBlock).dropPath1.rate, 0);
  });

  it("reaches every parameter with a gradient, and every pixel but those beyond the last patch", () => {
    const engine = new ReferenceEngine("float64");
    const network = smallViT(engine, { ...TINY, maskRate: 0.5 });
    const x = images(engine, 5);
    const weights = Array.from({ length: 20 }, (_, i) => Math.cos(i));
    network.forward(x, training(0)).backward(engine.tensor(weights, [5, 4]));
    for (const { name, variable } of network.parameters()) assert.ok(variable.grad, name);
    const unused = [...x.grad!.dataSync()].filter((_, i) => i % 9 === 8 || Math.floor(i / 9) % 9 === 8);
    assert.deepEqual(new Set(unused.map(Math.abs)), new Set([0]));
  });

  it("keeps ⌊T · (1 − rate)⌋ tokens of every image, others at other steps", () => {
    const counts = (maskRate: number) => usedPatches(maskRate, 0).map((used) => used.filter(Boolean).length);
    assert.deepEqual(new Set(counts(0.5)), new Set([2]));
    assert.deepEqual(new Set(counts(0.3)), new Set([2])); // 2.8
    assert.deepEqual(new Set(counts(0)), new Set([4]));
    assert.deepEqual(usedPatches(0.5, 1), usedPatches(0.5, 1));
    assert.notDeepEqual(usedPatches(0.5, 1), usedPatches(0.5, 2));
  });

  it("does not mask, drop or use batch statistics in evaluation: an image has one embedding", () => {
    const engine = new ReferenceEngine("float64");
    const network = smallViT(engine, { ...TINY, maskRate: 0.5, dropPath: 0.5 });
    const all = network.forward(images(engine, 3), evaluating).dataSync();
    const first = network.forward(images(engine, 1), { ...evaluating, step: 7 }).dataSync();
    assert.deepEqual([...all.subarray(0, 4)], [...first]);
  });

  it("learns: the distance to a target that the last bias alone cannot approach falls to a tenth", () => {
    const engine = new ReferenceEngine("float32");
    const network = smallViT(engine, TINY);
    const losses = lossesOfOrder(engine, network, images(engine, 6), 40);
    assert.ok(losses[39] < losses[0] / 10, losses.join(" "));
  });

  it("leaves nothing behind, and needs less memory without a tape", () => {
    const peakOf = (quiet: boolean): number => {
      const engine = new ReferenceEngine("float32");
      const network = smallViT(engine, TINY);
      const x = images(engine, 4);
      const before = engine.memory().inUse;
      const forward = (): void => void network.forward(x, evaluating);
      engine.scope(() => (quiet ? noGrad(forward) : forward()));
      assert.equal(engine.memory().inUse, before);
      return engine.memory().peak;
    };
    assert.ok(peakOf(true) < peakOf(false));
  });

  it("says which images and which numbers make a network", () => {
    const engine = new ReferenceEngine("float64");
    const network = smallViT(engine, TINY);
    assert.throws(
      () => network.forward(constant(engine.full([2, 1, 8, 8], 0)), evaluating),
      /\[B, 1, 9, 9\]; given \[2, 1, 8, 8\]/,
    );
    const make = (change: object) => () => new VisionTransformer({ ...smallViTSpecification(TINY), ...change });
    assert.throws(make({ patch: 10 }), /one patch at least; given side 9, patch 10/);
    assert.throws(make({ depth: 0 }), /one block at least; given depth 0/);
    assert.throws(make({ maskRate: 0.8, maskToken: true }), /leaves one of 4 tokens at least; given 0\.8/);
    assert.throws(make({ maskRate: -0.1 }), /given -0\.1/);
    assert.throws(make({ maskRate: 0.5 }), /given rate 0\.5 and no mask token/);
    assert.throws(make({ heads: 3 }), /given 3 heads, width 8/);
    assert.throws(make({ dropPath: 1 }), /rate must be in \[0, 1\)/);
  });
});
