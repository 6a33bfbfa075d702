import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { ReferenceEngine } from "../../../../src/tensor/engines/reference/index.js";

const engine = new ReferenceEngine("float64");
const tiles = { kernel: [2, 2], stride: [2, 2], padding: [0, 0], dilation: [1, 1] } as const;
const overlapping = { kernel: [1, 3], stride: [1, 2], padding: [0, 1], dilation: [1, 1] } as const;
const image = engine.tensor([1, 5, 2, 0, 3, 4, -1, -2], [1, 1, 2, 4]);

describe("pooling", () => {
  it("takes maximum and mean of tiles", () => {
    assert.deepEqual([...engine.maxPool2d(image, tiles).dataSync()], [5, 2]);
    assert.deepEqual([...engine.averagePool2d(image, tiles).dataSync()], [13 / 4, -1 / 4]);
  });

  it("never chooses padding, but counts it as 0 in a mean", () => {
    const negative = engine.tensor([-3, -6, -9, -12], [1, 1, 1, 4]);
    assert.deepEqual([...engine.maxPool2d(negative, overlapping).dataSync()], [-3, -6]);
    assert.deepEqual([...engine.averagePool2d(negative, overlapping).dataSync()], [-3, -9]); // (0 − 3 − 6)/3, (−6 − 9 − 12)/3
  });

  it("gives dy to the first of equal maxima", () => {
    const flat = engine.full([1, 1, 2, 2], 7);
    const dx = engine.maxPool2dGradient(flat, engine.full([1, 1, 1, 1], 1), tiles);
    assert.deepEqual([...dx.dataSync()], [1, 0, 0, 0]);
  });

  it("adds up where windows overlap", () => {
    const x = engine.tensor([0, 9, 0, 1], [1, 1, 1, 4]);
    const dy = engine.tensor([1, 10], [1, 1, 1, 2]);
    assert.deepEqual([...engine.maxPool2dGradient(x, dy, overlapping).dataSync()], [0, 11, 0, 0]);
    const thirds = engine.averagePool2dGradient(engine.affine(dy, 3, 0), overlapping, x.shape);
    assert.deepEqual([...thirds.dataSync()], [1, 11, 10, 10]);
  });

  it("spreads windows by dilation", () => {
    const x = engine.tensor([1, 9, 2, 9, 3], [1, 1, 1, 5]);
    const spread = { kernel: [1, 3], stride: [1, 1], padding: [0, 0], dilation: [1, 2] } as const;
    assert.deepEqual([...engine.maxPool2d(x, spread).dataSync()], [3]);
  });
});
