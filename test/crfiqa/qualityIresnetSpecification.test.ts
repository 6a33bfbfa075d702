import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { qualityIresnetSpecification } from "../../src/crfiqa/qualityIresnetSpecification.js";
import { QualityNetwork } from "../../src/crfiqa/qualityNetwork.js";
import { IResNet, iresnetSpecification, type IResNetDepth } from "../../src/nn/iresnet.js";
import { sizeOf } from "../../src/tensor/shape.js";

/** Of the published networks: blocks a stage. */
const stages: Readonly<Record<number, readonly number[]>> = { 50: [3, 4, 14, 3], 100: [3, 13, 30, 3] };

/** Trained numbers, counted layer by layer from the description of the network. */
function counted(blocks: readonly number[]): number {
  const widths = [64, 64, 128, 256, 512];
  let count = 3 * 64 * 9 + 2 * 64 + 64; // stem: convolution, batch norm, PReLU
  for (const [stage, repeats] of blocks.entries()) {
    const [before, width] = [widths[stage], widths[stage + 1]];
    for (let block = 0; block < repeats; block++) {
      const channels = block === 0 ? before : width;
      count += 2 * channels + 9 * channels * width + 2 * width + width + 9 * width * width + 2 * width;
      if (block === 0) count += channels * width + 2 * width; // the shortcut of the block with the stride
    }
  }
  const tail = 2 * 512 + (512 * 7 * 7 + 1) * 512 + 2 * 512; // batch norm, linear, batch norm
  return count + tail + (512 + 1); // and the unit
}

describe("the published CR-FIQA networks", () => {
  for (const depth of [50, 100] as const) {
    it(`IResNet-${depth} with the unit has as many trained numbers as counted by hand`, () => {
      const specification = qualityIresnetSpecification({ depth });
      const network = new QualityNetwork(new IResNet(specification), specification.embedding);
      const trained = network.parameterShapes().filter(({ trainable }) => trainable);
      assert.equal(
        trained.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
        counted(stages[depth]),
      );
    });
  }

  it("are ArcFace's but for dropout and the trained scale", () => {
    const ours = qualityIresnetSpecification({ depth: 50 });
    const theirs = iresnetSpecification({ depth: 50 });
    // each call makes an initializer of its own
    assert.deepEqual(
      { ...ours, initialize: undefined },
      { ...theirs, initialize: undefined, dropout: 0.4, trainedScale: true, squeeze: undefined },
    );
    assert.equal(typeof ours.initialize, "function");
  });

  it("take another size of image, dropout and squeeze", () => {
    const options = { depth: 18, embedding: 64, input: { side: 32, channels: 1 }, dropout: 0, squeeze: 16 } as const;
    const { side, channels, embedding, dropout, squeeze, trainedScale } = qualityIresnetSpecification(options);
    assert.deepEqual([side, channels, embedding, dropout, squeeze, trainedScale], [32, 1, 64, 0, 16, true]);
  });

  it("have no depth that IResNet does not have", () => {
    assert.throws(() => qualityIresnetSpecification({ depth: 20 as IResNetDepth }), /18, 34, 50, 100, 200; given 20/);
  });
});
