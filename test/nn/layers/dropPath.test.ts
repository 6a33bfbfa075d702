import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constant } from "../../../src/autograd/variable.js";
import { evaluating, training, type Context } from "../../../src/nn/context.js";
import { DropPath, Sequential } from "../../../src/nn/layers/index.js";
import { ReferenceEngine } from "../../../src/tensor/engines/reference/index.js";

const engine = new ReferenceEngine("float64");

/** Which of 200 samples the layer at that position keeps. */
function pattern(context: Context, position = 0): string {
  const layers = [new DropPath(0.5), new DropPath(0.5)];
  new Sequential(layers).allocate(engine, 0);
  const y = layers[position].forward(constant(engine.full([200, 1], 1)), context).dataSync();
  return [...y].map((value) => (value === 0 ? "0" : "1")).join("");
}

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
    const base = pattern(training(3, { seed: 1 }));
    assert.equal(pattern(training(3, { seed: 1 })), base);
    for (const other of [
      pattern(training(4, { seed: 1 })),
      pattern(training(3, { seed: 2 })),
      pattern(training(3, { seed: 1, rank: 1 })),
      pattern(training(3, { seed: 1 }), 1),
    ]) {
      assert.notEqual(other, base);
    }
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
