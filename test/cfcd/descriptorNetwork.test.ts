import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { add, constant, multiply, sum, type Variable } from "../../src/autograd/index.js";
import { DescriptorNetwork } from "../../src/cfcd/descriptorNetwork.js";
import { Flatten, ResNet, Sequential, evaluating, smallResnetSpecification, training } from "../../src/nn/index.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { hashNormal } from "../../src/tensor/random.js";
import { sizeOf, type Shape } from "../../src/tensor/shape.js";

const engine = new ReferenceEngine("float64");

function normalTensor(shape: Shape, key: number) {
  return engine.tensor(
    Array.from({ length: sizeOf(shape) }, (_, i) => hashNormal([key, 1], 0, i)),
    shape,
  );
}

function tiny(learned: boolean, block: "basic" | "bottleneck" = "basic"): DescriptorNetwork<ResNet> {
  const backbone = new ResNet(smallResnetSpecification({ widths: [4, 8], blocks: [2, 1], block }));
  const network = new DescriptorNetwork({ backbone, mapChannels: 8, embedding: 3, learned }).allocate(engine, 5);
  // as of a network in training: no branch is silent
  for (const [at, { variable }] of network.parameters().entries())
    if (variable.shape.length === 1) engine.blend(variable.tensor, 1, normalTensor(variable.shape, at), 0.3);
  return network;
}

describe("the descriptor network", () => {
  it("names the backbone's tensors backbone.…, and the rest after its parts", () => {
    const names = (learned: boolean) =>
      [...tiny(learned).stateDictionary().keys()].filter((name) => !name.startsWith("backbone."));
    const rest = ["fc.weight", "fc.bias", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"];
    assert.deepEqual(names(false), rest);
    assert.deepEqual(names(true), ["pooling.p", ...rest]);
    const network = tiny(false);
    const own = [...network.backbone.stateDictionary().keys()].map((name) => `backbone.${name}`);
    assert.deepEqual([...network.stateDictionary().keys()].slice(0, own.length), own);
    assert.ok(own.includes("backbone.layer1.0.downsample.0.weight"));
    assert.equal(network.embedding, 3);
  });

  for (const [block, learned] of [
    ["basic", true],
    ["bottleneck", false],
  ] as const) {
    for (const context of [training(0), evaluating]) {
      const mode = context.training ? "training" : "evaluation";
      it(`has the gradients that differences give: ${block} blocks, p ${learned ? "learned" : "fixed"}, in ${mode}`, () => {
        const network = tiny(learned, block);
        const images = normalTensor([4, 1, 7, 6], 100);
        const [ofDescriptor, ofMap] = [normalTensor([4, 3], 101), normalTensor([4, 8, 2, 2], 102)];
        const lossOf = (): Variable => {
          const { map, descriptor } = network.describe(constant(images), context);
          return add(sum(multiply(descriptor, constant(ofDescriptor))), sum(multiply(map, constant(ofMap))));
        };
        engine.scope(() => lossOf().backward());
        for (const [at, { name, variable }] of network.parameters().entries()) {
          const direction = normalTensor(variable.shape, 200 + at);
          const [slope, towards] = [variable.grad!.dataSync(), direction.dataSync()];
          let along = 0;
          for (const [i, component] of towards.entries()) along += slope[i] * component;
          const step = 1e-6;
          const moved = [step, -2 * step, step].map((by) => {
            engine.blend(variable.tensor, 1, direction, by);
            return engine.scope(() => lossOf().dataSync()[0]);
          });
          const difference = (moved[0] - moved[1]) / (2 * step);
          // rounding of losses of order 10 over the step, and its square times a third derivative
          const allowed = 1e-6 * Math.max(1, Math.abs(along));
          assert.ok(Math.abs(along - difference) <= allowed, `${name}: ${along}, but differences give ${difference}`);
          variable.zeroGrad();
        }
      });
    }
  }

  it("says so where the backbone gives no map, or one of other channels", () => {
    const x = constant(normalTensor([2, 3, 4, 4], 1));
    const flat = new DescriptorNetwork({ backbone: new Flatten(), mapChannels: 3, embedding: 2 }).allocate(engine, 0);
    assert.throws(() => flat.forward(x, evaluating), /must give a map \[B, 3, H, W\]; it gave \[2, 48\]/);
    const wide = new DescriptorNetwork({ backbone: new Sequential([]), mapChannels: 8, embedding: 2 }).allocate(
      engine,
      0,
    );
    assert.throws(() => wide.forward(x, evaluating), /\[B, 8, H, W\]; it gave \[2, 3, 4, 4\]/);
  });
});
