import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { ReferenceEngine } from "../../../../src/tensor/engines/reference/index.js";
import { assertClose } from "./close.js";

const engine = new ReferenceEngine("float64");

describe("elementwise kernels", () => {
  it("stretch axes of one element, matched from the last", () => {
    const a = engine.tensor([1, 2, 3, 4, 5, 6], [2, 1, 3]);
    const b = engine.tensor([10, 20], [2, 1]);
    const sum = engine.binary("add", a, b);
    assert.deepEqual(sum.shape, [2, 2, 3]);
    assert.deepEqual([...sum.dataSync()], [11, 12, 13, 21, 22, 23, 14, 15, 16, 24, 25, 26]);
  });

  it("compare to 1 and 0", () => {
    const [a, b] = [engine.tensor([1, 2, 3], [3]), engine.tensor([2, 2, 2], [3])];
    assert.deepEqual([...engine.binary("greater", a, b).dataSync()], [0, 0, 1]);
    assert.deepEqual([...engine.binary("greaterEqual", a, b).dataSync()], [0, 1, 1]);
    assert.deepEqual([...engine.binary("equal", a, b).dataSync()], [0, 1, 0]);
  });

  it("undo each other", () => {
    const x = engine.tensor([0.1, 0.5, 0.9], [3]);
    const round = (there: "exp" | "square" | "reciprocal" | "cos", back: "log" | "sqrt" | "reciprocal" | "arccos") =>
      engine.unary(back, engine.unary(there, x)).dataSync();
    assertClose(round("exp", "log"), x.dataSync(), 1e-15);
    assertClose(round("square", "sqrt"), x.dataSync(), 1e-15);
    assertClose(round("reciprocal", "reciprocal"), x.dataSync(), 1e-15);
    assertClose(round("cos", "arccos"), x.dataSync(), 1e-14); // arccos is steep near 1
  });

  it("know that σ(x) = ½ (1 + tanh(x/2)) and sin² + cos² = 1", () => {
    const x = engine.tensor([-30, -2, 0, 0.3, 4], [5]);
    const viaTanh = engine.affine(engine.unary("tanh", engine.affine(x, 0.5, 0)), 0.5, 0.5);
    assertClose(engine.unary("sigmoid", x).dataSync(), viaTanh.dataSync(), 1e-15);
    const squares = engine.binary(
      "add",
      engine.unary("square", engine.unary("sin", x)),
      engine.unary("square", engine.unary("cos", x)),
    );
    assertClose(squares.dataSync(), [1, 1, 1, 1, 1], 1e-15);
  });

  it("keep NaN visible in clamp, maximum and minimum", () => {
    const x = engine.tensor([NaN, 7], [2]);
    assert.deepEqual([...engine.clamp(x, 0, 1).dataSync()], [NaN, 1]);
    assert.deepEqual([...engine.binary("maximum", x, engine.full([], 0)).dataSync()], [NaN, 7]);
    assert.deepEqual([...engine.binary("minimum", x, engine.full([], 0)).dataSync()], [NaN, 0]);
  });

  it("choose by any condition that is not 0", () => {
    const chosen = engine.select(
      engine.tensor([1, 0, -2], [3]),
      engine.tensor([1, 2, 3], [3]),
      engine.tensor([10, 20, 30], [3]),
    );
    assert.deepEqual([...chosen.dataSync()], [1, 20, 3]);
  });

  it("apply PReLU's slope of the channel, and collect its gradient over batch and pixels", () => {
    const x = engine.tensor([-1, 2, -3, 4, -5, 6, -7, -8], [2, 2, 2]); // [B, C, W]
    const slope = engine.tensor([0.1, 0.2], [2]);
    assertClose(engine.prelu(x, slope).dataSync(), [-0.1, 2, -0.6, 4, -0.5, 6, -1.4, -1.6], 1e-15);
    const { dx, dslope } = engine.preluGradient(x, slope, engine.full([2, 2, 2], 1));
    assertClose(dx.dataSync(), [0.1, 1, 0.2, 1, 0.1, 1, 0.2, 0.2], 1e-15);
    assertClose(dslope.dataSync(), [-1 - 5, -3 - 7 - 8], 1e-15);
    const shared = engine.preluGradient(x, engine.tensor([0.1], [1]), engine.full([2, 2, 2], 1));
    assertClose(shared.dslope.dataSync(), [-1 - 3 - 5 - 7 - 8], 1e-15);
  });
});
