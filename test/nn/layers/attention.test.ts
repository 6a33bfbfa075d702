import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constant } from "../../../src/autograd/variable.js";
import { Attention } from "../../../src/nn/layers/index.js";
import { ReferenceEngine } from "../../../src/tensor/engines/reference/index.js";

describe("Attention", () => {
  it("has the weights of the published layer: no bias before, one after", () => {
    assert.deepEqual(
      new Attention({ width: 6, heads: 2 }).parameterShapes().map(({ name, shape }) => [name, shape]),
      [
        ["qkv.weight", [18, 6]],
        ["proj.weight", [6, 6]],
        ["proj.bias", [6]],
      ],
    );
  });

  it("mixes the values of tokens that cannot be told apart by their keys in equal shares", () => {
    const engine = new ReferenceEngine("float64");
    const layer = new Attention({ width: 2, heads: 1 }).allocate(engine, 0);
    const identity = [1, 0, 0, 1];
    layer.loadStateDictionary(
      new Map([
        ["qkv.weight", { shape: [6, 2], data: Float64Array.of(...identity, 0, 0, 0, 0, ...identity) }], // keys are zeros
        ["proj.weight", { shape: [2, 2], data: Float64Array.of(2, 0, 0, 2) }],
        ["proj.bias", { shape: [2], data: Float64Array.of(1, -1) }],
      ]),
    );
    const y = layer.forward(constant(engine.tensor([1, 2, 3, 6], [1, 2, 2])));
    assert.deepEqual([...y.dataSync()], [5, 7, 5, 7]); // twice the mean (2, 4), and the bias
  });

  it("refuses heads that do not divide the width", () => {
    for (const heads of [0, 4, 1.5]) {
      assert.throws(() => new Attention({ width: 6, heads }), new RegExp(`given ${heads} heads, width 6`));
    }
  });
});
