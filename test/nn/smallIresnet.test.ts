import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { multiply, sum } from "../../src/autograd/index.js";
import { noGrad } from "../../src/autograd/gradientMode.js";
import { constant } from "../../src/autograd/variable.js";
import { evaluating, training } from "../../src/nn/context.js";
import { IResNet } from "../../src/nn/iresnet.js";
import { smallIresnet, smallIresnetSpecification } from "../../src/nn/smallIresnet.js";
import { lossesOfOrder } from "./learnsOrder.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { sizeOf } from "../../src/tensor/shape.js";

const TINY = { side: 8, widths: [2, 3], blocks: [1, 2], embedding: 4, seed: 3 };

function images(engine: ReferenceEngine, count: number) {
  const values = Array.from({ length: count * 64 }, (_, i) => Math.sin(i * i * 0.37));
  return constant(engine.tensor(values, [count, 1, 8, 8]));
}

describe("smallIresnet", () => {
  it("has the parameters of the calibrated network", () => {
    const shapes = new IResNet(smallIresnetSpecification({ side: 32 })).parameterShapes();
    // counted by hand: convolutions, batch norms (2 a channel) and slopes, block by block
    const block = (a: number, b: number, shortcut: boolean): number =>
      2 * a + 9 * a * b + 2 * b + b + 9 * b * b + 2 * b + (shortcut ? a * b + 2 * b : 0);
    const stem = 9 * 32 + 2 * 32 + 32;
    const stages = [
      [32, 32],
      [32, 64],
      [64, 128],
    ].map(([a, b]) => block(a, b, true) + block(b, b, false));
    const head = 2 * 128 + (128 * 4 * 4 * 128 + 128) + 2 * 128;
    assert.equal(
      shapes.reduce((total, { shape }) => total + sizeOf(shape), 0),
      stem + stages[0] + stages[1] + stages[2] + head,
    );
  });

  it("names all stages on the way", () => {
    const engine = new ReferenceEngine("float64");
    const stages = smallIresnet(engine, TINY).forwardStages(images(engine, 2), evaluating);
    assert.deepEqual(Object.fromEntries(Object.entries(stages).map(([name, { shape }]) => [name, shape])), {
      conv1: [2, 2, 8, 8],
      prelu: [2, 2, 8, 8],
      layer1: [2, 2, 4, 4],
      layer2: [2, 3, 2, 2],
      bn2: [2, 3, 2, 2],
      fc: [2, 4],
      features: [2, 4],
    });
  });

  it("halves the image once more with a strided stem", () => {
    const engine = new ReferenceEngine("float64");
    const network = smallIresnet(engine, { ...TINY, stemStride: 2 });
    assert.deepEqual(network.forward(images(engine, 2), evaluating).shape, [2, 4]);
    assert.deepEqual(network.stateDictionary().get("fc.weight")!.shape, [4, 3]);
  });

  it("reaches every trained parameter with a gradient", () => {
    const engine = new ReferenceEngine("float64");
    const network = smallIresnet(engine, TINY);
    const y = network.forward(images(engine, 5), training(0)); // [5, 4]
    sum(
      multiply(
        y,
        constant(
          engine.tensor(
            Array.from({ length: 20 }, (_, i) => Math.cos(i)),
            [5, 4],
          ),
        ),
      ),
    ).backward();
    for (const { name, variable, trainable } of network.parameters()) {
      assert.equal(variable.grad !== undefined, trainable, name);
      if (trainable) assert.ok(variable.grad!.dataSync().every(Number.isFinite), name);
    }
  });

  it("learns: the distance to a target that the last bias alone cannot approach falls to a tenth", () => {
    const engine = new ReferenceEngine("float32");
    const network = smallIresnet(engine, TINY);
    const losses = lossesOfOrder(engine, network, images(engine, 6), 30);
    assert.ok(losses[29] < losses[0] / 10, losses.join(" "));
  });

  it("runs in flat memory, and needs less of it without a tape", () => {
    const engine = new ReferenceEngine("float32");
    const network = smallIresnet(engine, TINY);
    const x = images(engine, 4);
    const before = engine.memory().inUse;
    engine.scope(() => void network.forward(x, evaluating));
    const recorded = engine.memory().peak;
    assert.equal(engine.memory().inUse, before);

    const quiet = new ReferenceEngine("float32");
    const same = smallIresnet(quiet, TINY);
    const input = images(quiet, 4);
    quiet.scope(() => noGrad(() => void same.forward(input, evaluating)));
    assert.ok(quiet.memory().peak < recorded, `${quiet.memory().peak} bytes, ${recorded} with a tape`);
  });

  it("says which images it was made for", () => {
    const engine = new ReferenceEngine("float64");
    const network = smallIresnet(engine, { ...TINY, side: 16 });
    assert.throws(() => network.forward(images(engine, 2), evaluating), /\[B, 1, 16, 16\]; given \[2, 1, 8, 8\]/);
    assert.throws(() => smallIresnet(engine, { ...TINY, widths: [2] }), /1 widths and 2 block counts/);
    assert.throws(() => smallIresnet(engine, { ...TINY, blocks: [1, 0] }), /\(1, 0\).*a stage has at least one block/);
  });
});
