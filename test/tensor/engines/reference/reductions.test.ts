import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { ReferenceEngine } from "../../../../src/tensor/engines/reference/index.js";

const engine = new ReferenceEngine("float64");

describe("reductions", () => {
  const x = engine.tensor([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [2, 3, 2]);

  it("fold the axes that are named", () => {
    assert.deepEqual([...engine.reduce("sum", x, [1], false).dataSync()], [9, 12, 27, 30]);
    assert.deepEqual([...engine.reduce("mean", x, [0, 2], false).dataSync()], [4.5, 6.5, 8.5]);
    assert.deepEqual([...engine.reduce("maximum", x, [2], false).dataSync()], [2, 4, 6, 8, 10, 12]);
    assert.deepEqual([...engine.reduce("minimum", x, [0, 1, 2], false).dataSync()], [1]);
  });

  it("keep folded axes as 1 where asked", () => {
    assert.deepEqual(engine.reduce("sum", x, [0, 2], true).shape, [1, 3, 1]);
    assert.deepEqual(engine.reduce("sum", x, [0, 2], false).shape, [3]);
    assert.deepEqual(engine.reduce("sum", x, [0, 1, 2], false).shape, []);
  });

  it("do not lose a NaN", () => {
    const row = engine.tensor([1, NaN, 3], [3]);
    for (const name of ["sum", "mean", "maximum", "minimum"] as const) {
      assert.deepEqual([...engine.reduce(name, row, [0], false).dataSync()], [NaN]);
    }
  });
});
