import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constant } from "../../../src/autograd/variable.js";
import { evaluating, training } from "../../../src/nn/context.js";
import { DropPath } from "../../../src/nn/layers/index.js";
import { assertDrawnByName } from "./dropPatterns.js";
import { ReferenceEngine } from "../../../src/tensor/engines/reference/index.js";

const engine = new ReferenceEngine("float64");

describe("DropPath", () => {
  it("drops whole samples, and divides the others by their probability", () => {
    const y = new DropPath(0.2).forward(constant(engine.full([100, 2, 3], 4)), training(0)).dataSync();
    for (let sample = 0; sample < 100; sample++) {
      const values = new Set(y.subarray(sample * 6, sample * 6 + 6));
      assert.equal(values.size, 1);
      assert.ok([0, 5].includes([...values][0]));
    }
  });

  it("is a function of seed, step, rank and place, and of nothing else", () => {
    assertDrawnByName(() => new DropPath(0.5), [200, 1]);
  });

  it("does nothing in evaluation, and nothing at rate 0", () => {
    const x = constant(engine.full([3], 1));
    assert.equal(new DropPath(0.9).forward(x, evaluating), x);
    assert.equal(new DropPath(0).forward(x, training(0)), x);
  });

  it("refuses rates outside [0, 1)", () => {
    for (const rate of [-0.1, 1, NaN]) assert.throws(() => new DropPath(rate), /rate must be in \[0, 1\)/);
  });
});
