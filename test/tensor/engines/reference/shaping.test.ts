import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { ReferenceEngine } from "../../../../src/tensor/engines/reference/index.js";

const engine = new ReferenceEngine("float64");
const counted = (...shape: number[]) =>
  engine.tensor(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
    shape,
  );

describe("kernels that move elements", () => {
  it("permute: element (i, j, k) goes to (k, i, j)", () => {
    const y = engine.permute(counted(2, 3, 4), [2, 0, 1]);
    assert.deepEqual(y.shape, [4, 2, 3]);
    const values = y.dataSync();
    for (let i = 0; i < 2; i++) {
      for (let j = 0; j < 3; j++)
        for (let k = 0; k < 4; k++) assert.equal(values[(k * 2 + i) * 3 + j], (i * 3 + j) * 4 + k);
    }
  });

  it("broadcastTo repeats stretched and added axes", () => {
    assert.deepEqual(
      [...engine.broadcastTo(counted(2, 1), [2, 2, 3]).dataSync()],
      [0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1],
    );
    assert.deepEqual([...engine.broadcastTo(engine.full([], 7), [2]).dataSync()], [7, 7]);
  });

  it("slice takes elements from start up to, not including, end", () => {
    assert.deepEqual([...engine.slice(counted(2, 4), 1, 1, 3).dataSync()], [1, 2, 5, 6]);
    assert.deepEqual([...engine.slice(counted(3, 2), 0, 2, 3).dataSync()], [4, 5]);
    assert.deepEqual(engine.slice(counted(3, 2), 0, 1, 1).shape, [0, 2]);
  });

  it("concatenate lays parts of different extents side by side", () => {
    const parts = [counted(2, 1), counted(2, 2), counted(2, 0)];
    const y = engine.concatenate(parts, 1);
    assert.deepEqual(y.shape, [2, 3]);
    assert.deepEqual([...y.dataSync()], [0, 0, 1, 1, 2, 3]);
  });

  it("slices of a concatenation are its parts", () => {
    const [a, b] = [counted(2, 3, 2), counted(2, 2, 2)];
    const joined = engine.concatenate([a, b], 1);
    assert.deepEqual(engine.slice(joined, 1, 0, 3).dataSync(), a.dataSync());
    assert.deepEqual(engine.slice(joined, 1, 3, 5).dataSync(), b.dataSync());
  });
});
