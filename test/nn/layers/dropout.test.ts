import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constant } from "../../../src/autograd/variable.js";
import { evaluating, training } from "../../../src/nn/context.js";
import { Dropout } from "../../../src/nn/layers/index.js";
import { assertDrawnByName } from "./dropPatterns.js";
import { ReferenceEngine } from "../../../src/tensor/engines/reference/index.js";

const SIZE = 4000;

describe("Dropout", () => {
  it("keeps the mean: kept elements are divided by their probability", () => {
    const engine = new ReferenceEngine("float64");
    const y = new Dropout(0.25).forward(constant(engine.full([SIZE], 3)), training(0)).dataSync();
    assert.deepEqual(new Set(y), new Set([0, 4]));
    const kept = y.filter((value) => value > 0).length / SIZE;
    assert.ok(Math.abs(kept - 0.75) < 5 * Math.sqrt((0.25 * 0.75) / SIZE), `${kept} kept`);
  });

  it("is a function of seed, step, rank and place, and of nothing else", () => {
    assertDrawnByName(() => new Dropout(0.25), [SIZE]);
  });

  it("does nothing in evaluation, and nothing at rate 0", () => {
    const engine = new ReferenceEngine("float64");
    const x = constant(engine.full([3], 1));
    assert.equal(new Dropout(0.5).forward(x, evaluating), x);
    assert.equal(new Dropout(0).forward(x, training(0)), x);
  });

  it("refuses to drop everything", () => {
    assert.throws(() => new Dropout(1), /in \[0, 1\); given 1/);
  });
});
