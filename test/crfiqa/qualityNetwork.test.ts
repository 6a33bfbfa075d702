import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constant, noGrad } from "../../src/autograd/index.js";
import { QualityNetwork } from "../../src/crfiqa/qualityNetwork.js";
import { IResNet, Sequential, smallIresnetSpecification, training, type Module } from "../../src/nn/index.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { hashUniform } from "../../src/tensor/random.js";

const engine = new ReferenceEngine("float32");
const specification = smallIresnetSpecification({
  ...{ side: 8, channels: 1, widths: [2, 3], blocks: [1, 1], embedding: 4, dropout: 0.4 },
});
const plain = (): IResNet => new IResNet(specification);
const withUnit = (): QualityNetwork => new QualityNetwork(plain(), 4);

const values = (network: Module): [string, number[]][] =>
  [...network.stateDictionary()].map(([name, tensor]) => [name, Array.from(tensor.dataSync())]);

describe("a quality network", () => {
  it("names its tensors as its backbone does, and qs.weight [1, E] and qs.bias [1] beside them", () => {
    const shapes = (network: Module): [string, string][] =>
      [...network.allocate(engine, 0).stateDictionary()].map(([name, { shape }]) => [name, shape.join(" × ")]);
    assert.deepEqual(shapes(withUnit()), [...shapes(plain()), ["qs.weight", "1 × 4"], ["qs.bias", "1"]]);
  });

  for (const seed of [0, 1, "a word"]) {
    it(`starts, of seed ${JSON.stringify(seed)}, with the backbone's weights bit for bit, and a unit that is not 0`, () => {
      const [own, bare] = [values(withUnit().allocate(engine, seed)), values(plain().allocate(engine, seed))];
      assert.deepEqual(own.slice(0, bare.length), bare);
      assert.ok(own[bare.length][1].every((weight) => weight !== 0));
    });
  }

  it("gives the backbone's embeddings bit for bit, its dropout among them", () => {
    const images = engine.tensor(
      Float32Array.from({ length: 3 * 64 }, (_, i) => hashUniform([1, 2], 0, i)),
      [3, 1, 8, 8],
    );
    const embeddings = (network: Module): number[] =>
      Array.from(noGrad(() => network.forward(constant(images), training(5, { seed: 3 }))).dataSync());
    assert.deepEqual(embeddings(withUnit().allocate(engine, 2)), embeddings(plain().allocate(engine, 2)));
  });

  it("scores an embedding by ⟨e, w⟩ + b", () => {
    const network = new QualityNetwork(new Sequential([]), 3).allocate(engine, 0);
    network.loadStateDictionary(
      new Map([
        ["qs.weight", { shape: [1, 3], data: [1, -2, 0.5] }],
        ["qs.bias", { shape: [1], data: [0.25] }],
      ]),
    );
    const embeddings = constant(engine.tensor([1, 2, 4, 0, 0, 0], [2, 3]));
    const scores = network.quality(embeddings);
    assert.deepEqual(scores.shape, [2]);
    assert.deepEqual(Array.from(scores.dataSync()), [-0.75, 0.25]); // 1 − 4 + 2 + 1/4
  });

  it("has a regression that is its unit alone", () => {
    const names = withUnit().allocate(engine, 0).regression.parameters?.() ?? [];
    assert.deepEqual(
      names.map(({ name }) => name),
      ["qs.weight", "qs.bias"],
    );
  });

  it("is not loaded from the weights of a plain backbone: the missing unit is named", () => {
    const state = plain().allocate(engine, 1).stateDictionary();
    const stored = new Map(
      [...state].map(([name, tensor]) => [name, { shape: tensor.shape, data: tensor.dataSync() }]),
    );
    assert.throws(() => withUnit().allocate(engine, 0).loadStateDictionary(stored), /qs\.weight/);
  });
});
