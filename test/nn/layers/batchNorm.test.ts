import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constant } from "../../../src/autograd/variable.js";
import { evaluating, training } from "../../../src/nn/context.js";
import { BatchNorm1d, BatchNorm2d } from "../../../src/nn/layers/index.js";
import { ReferenceEngine } from "../../../src/tensor/engines/reference/index.js";
import { assertClose } from "../trainables.js";

describe("BatchNorm", () => {
  it("normalises with the batch in training, with the running statistics in evaluation", () => {
    const engine = new ReferenceEngine("float64");
    const norm = new BatchNorm1d(1, { epsilon: 0, momentum: 0.5 }).allocate(engine, 0);
    const x = constant(engine.tensor([1, 2, 6], [3, 1])); // mean 3; variance 14/3 biased, 7 unbiased
    const deviation = Math.sqrt(14 / 3);
    assertClose(norm.forward(x, training(0)).dataSync(), [-2 / deviation, -1 / deviation, 3 / deviation]);
    // running ← half the old (0 and 1), half the new
    assertClose(norm.running_mean.tensor.dataSync(), [1.5]);
    assertClose(norm.running_var.tensor.dataSync(), [4]);
    assertClose(norm.forward(x, evaluating).dataSync(), [-0.25, 0.25, 2.25]);
    assertClose(norm.running_mean.tensor.dataSync(), [1.5]);
  });

  it("pools the statistics of all positions of a map", () => {
    const engine = new ReferenceEngine("float64");
    const norm = new BatchNorm2d(2, { momentum: 1 }).allocate(engine, 0);
    norm.forward(constant(engine.tensor([1, 3, 10, 10, 5, 7, 20, 20], [2, 2, 1, 2])), training(0));
    assertClose(norm.running_mean.tensor.dataSync(), [4, 15]);
    assertClose(norm.running_var.tensor.dataSync(), [20 / 3, 100 / 3]); // (9 + 1 + 1 + 9) / 3, 4 · 25 / 3
  });

  it("explains what does not fit", () => {
    const engine = new ReferenceEngine("float64");
    const norm = new BatchNorm2d(2).allocate(engine, 0);
    assert.throws(
      () => norm.forward(constant(engine.full([2, 3, 1, 1], 0)), evaluating),
      /2 channels and tensors of rank 4; given \[2, 3, 1, 1\]/,
    );
    assert.throws(
      () => norm.forward(constant(engine.full([1, 2, 1, 1], 0)), training(0)),
      /more than one value per channel/,
    );
  });
});
