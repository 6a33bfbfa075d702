import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constant } from "../../../src/autograd/variable.js";
import { drawKeptTokens, keepTokens, keptCount, restoreTokens } from "../../../src/nn/layers/tokenMasking.js";
import { ReferenceEngine } from "../../../src/tensor/engines/reference/index.js";
import { stream } from "../../../src/tensor/random.js";

const engine = new ReferenceEngine("float64");
const kept = [Int32Array.of(0, 2), Int32Array.of(1, 2)];

describe("token masking", () => {
  it("keeps 129 of 144 tokens at rate 0.1, and no other number at any other rate", () => {
    assert.deepEqual(
      [0, 0.05, 0.1, 0.5].map((rate) => keptCount(144, rate)),
      [144, 136, 129, 72],
    );
  });

  it("keeps the named tokens of each sample in their order", () => {
    const x = constant(engine.tensor([1, 2, 3, 4, 5, 6], [2, 3, 1]));
    const some = keepTokens(x, kept);
    assert.deepEqual(some.shape, [2, 2, 1]);
    assert.deepEqual([...some.dataSync()], [1, 3, 5, 6]);
  });

  it("puts them back, and the mask token in the places between", () => {
    const some = constant(engine.tensor([1, 3, 5, 6], [2, 2, 1]));
    const maskToken = constant(engine.tensor([-1], [1, 1, 1]));
    const all = restoreTokens(some, kept, { tokens: 3, maskToken });
    assert.deepEqual(all.shape, [2, 3, 1]);
    assert.deepEqual([...all.dataSync()], [1, -1, 3, -1, 5, 6]);
  });

  it("draws other tokens for other samples", () => {
    const [first, second] = drawKeptTokens(2, 100, 50, stream("tokens"));
    assert.notDeepEqual(first, second);
  });
});
