import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constant } from "../../src/autograd/variable.js";
import { evaluating, training } from "../../src/nn/context.js";
import { IrBlock } from "../../src/nn/irBlock.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";

function image(engine: ReferenceEngine, shape: readonly number[]) {
  const size = shape.reduce((a, b) => a * b, 1);
  return constant(
    engine.tensor(
      Array.from({ length: size }, (_, i) => Math.sin(i * 1.7)),
      shape,
    ),
  );
}

describe("IrBlock", () => {
  it("is the identity when the last batch norm says nothing", () => {
    const engine = new ReferenceEngine("float64");
    const block = new IrBlock({ in: 3, out: 3, stride: 1 }).allocate(engine, 1);
    const silent = block.stateDictionary().get("bn3.weight")!;
    engine.assign(silent, engine.full([3], 0));
    const x = image(engine, [2, 3, 5, 5]);
    assert.deepEqual(block.forward(x, training(0)).dataSync(), x.dataSync());
  });

  it("has a shortcut of its own where stride or width change, and only there", () => {
    const names = (channels: number, out: number, stride: number) =>
      new IrBlock({ in: channels, out, stride }).parameterShapes().some(({ name }) => name.startsWith("downsample."));
    assert.deepEqual([names(4, 4, 1), names(4, 4, 2), names(4, 5, 1)], [false, true, true]);
  });

  it("has squeeze and excitation where it is asked for, under the published names", () => {
    const names = (squeeze?: number) =>
      new IrBlock({ in: 4, out: 8, stride: 2, squeeze })
        .parameterShapes()
        .filter(({ name }) => name.startsWith("se_block"))
        .map(({ name, shape }) => [name, ...shape]);
    assert.deepEqual(names(), []);
    assert.deepEqual(names(4), [
      ["se_block.fc1.weight", 2, 8, 1, 1],
      ["se_block.fc2.weight", 8, 2, 1, 1],
    ]);
  });

  it("halves odd sides upwards", () => {
    const engine = new ReferenceEngine("float64");
    const block = new IrBlock({ in: 2, out: 4, stride: 2 }).allocate(engine, 1);
    assert.deepEqual(block.forward(image(engine, [1, 2, 7, 6]), evaluating).shape, [1, 4, 4, 3]);
  });
});
