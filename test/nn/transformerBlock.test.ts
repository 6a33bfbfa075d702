import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constant } from "../../src/autograd/variable.js";
import { evaluating } from "../../src/nn/context.js";
import { TransformerBlock } from "../../src/nn/transformerBlock.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";

const OPTIONS = { width: 64, heads: 4, mlpRatio: 4, dropPath: 0 };

describe("TransformerBlock", () => {
  it("has 12 weights a squared width, biases and norms", () => {
    const count = new TransformerBlock(OPTIONS)
      .parameterShapes()
      .reduce((sum, { shape }) => sum + shape.reduce((product, extent) => product * extent, 1), 0);
    // qkv 3, proj 1, the MLP 4 + 4; biases of proj, fc1, fc2; weight and bias of two norms
    assert.equal(count, 12 * 64 ** 2 + (1 + 4 + 1) * 64 + 4 * 64);
  });

  it("starts from N(0, 0.02²) in linear layers, biases 0, norms 1 and 0", () => {
    const engine = new ReferenceEngine("float64");
    const block = new TransformerBlock(OPTIONS).allocate(engine, 5);
    for (const { name, variable } of block.parameters()) {
      const values = [...variable.dataSync()];
      if (/norm\d\.weight/.test(name))
        assert.ok(
          values.every((value) => value === 1),
          name,
        );
      else if (name.endsWith("bias"))
        assert.ok(
          values.every((value) => value === 0),
          name,
        );
      else {
        const square = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
        // the mean square of n normal numbers has a relative deviation of √(2 / n)
        assert.ok(Math.abs(square / 0.02 ** 2 - 1) < 6 * Math.sqrt(2 / values.length), `${name}: ${Math.sqrt(square)}`);
      }
    }
  });

  it("adds its branches to what comes in: with projections of zeros nothing changes", () => {
    const engine = new ReferenceEngine("float64");
    const block = new TransformerBlock({ ...OPTIONS, width: 4 }).allocate(engine, 1);
    for (const [name, tensor] of block.stateDictionary()) {
      if (/(proj|fc2)\.weight/.test(name)) engine.assign(tensor, engine.full(tensor.shape, 0));
    }
    const x = Array.from({ length: 24 }, (_, i) => Math.sin(i));
    assert.deepEqual([...block.forward(constant(engine.tensor(x, [2, 3, 4])), evaluating).dataSync()], x);
  });
});
