import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { ReferenceEngine } from "../../../../src/tensor/engines/reference/index.js";
import { assertClose } from "./close.js";

const engine = new ReferenceEngine("float64");

describe("rows", () => {
  it("softmax adds up to 1, keeps ratios e^(xᵢ − xⱼ), and does not overflow", () => {
    const y = engine.softmaxRows(engine.tensor([1000, 1001, -5000, 0, 0, 0], [2, 3])).dataSync();
    assertClose([y[1] / y[0], y[0] + y[1] + y[2]], [Math.E, 1], 1e-15);
    assertClose(y.slice(3), [1 / 3, 1 / 3, 1 / 3], 1e-15);
  });

  it("normalisation gives unit rows, and divides by the floor where a row is shorter", () => {
    const { y, norm } = engine.normalizeRows(engine.tensor([3, 4, 0, 0, 0.003, 0.004], [3, 2]), 0.01);
    assertClose(y.dataSync(), [0.6, 0.8, 0, 0, 0.3, 0.4], 1e-15);
    assertClose(norm.dataSync(), [5, 0, 0.005], 1e-15);
  });

  it("the gradient of a unit row has no part along the row", () => {
    const x = engine.tensor([1, 2, 2], [1, 3]);
    const { y, norm } = engine.normalizeRows(x, 1e-12);
    const along = engine.normalizeRowsGradient(y, y, norm, 1e-12);
    assertClose(along.dataSync(), [0, 0, 0], 1e-16);
    const across = engine.tensor([2, -1, 0], [1, 3]); // orthogonal to x: only scaled, by 1/3
    assertClose(engine.normalizeRowsGradient(across, y, norm, 1e-12).dataSync(), [2 / 3, -1 / 3, 0], 1e-15);
  });

  it("are read by number, and added by number", () => {
    const x = engine.tensor([1, 2, 3, 4, 5, 6], [3, 2]);
    const index = Int32Array.of(2, 0, 2);
    assert.deepEqual([...engine.gatherRows(x, index).dataSync()], [5, 6, 1, 2, 5, 6]);
    assert.deepEqual([...engine.scatterAddRows(x, index, 4).dataSync()], [3, 4, 0, 0, 6, 8, 0, 0]);
  });

  it("give and take one element by column; −1 is none", () => {
    const x = engine.tensor([1, 2, 3, 4, 5, 6], [3, 2]);
    const column = Int32Array.of(1, -1, 0);
    assert.deepEqual([...engine.pick(x, column).dataSync()], [2, 0, 5]);
    assert.deepEqual([...engine.place(engine.tensor([7, 8, 9], [3]), column, 2).dataSync()], [0, 7, 0, 0, 9, 0]);
  });
});
