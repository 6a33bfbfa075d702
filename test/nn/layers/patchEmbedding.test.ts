import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constant } from "../../../src/autograd/variable.js";
import { PatchEmbedding } from "../../../src/nn/layers/index.js";
import { ReferenceEngine } from "../../../src/tensor/engines/reference/index.js";

describe("PatchEmbedding", () => {
  it("makes a token of every whole square, row by row, and leaves out what remains", () => {
    const engine = new ReferenceEngine("float64");
    const layer = new PatchEmbedding({ channels: 1, patch: 2, width: 2 }).allocate(engine, 0);
    layer.loadStateDictionary(
      new Map([
        // the first feature is the sum of a square, the second its top left pixel
        ["proj.weight", { shape: [2, 1, 2, 2], data: Float64Array.of(1, 1, 1, 1, 1, 0, 0, 0) }],
        ["proj.bias", { shape: [2], data: Float64Array.of(100, 0) }],
      ]),
    );
    const pixels = Array.from({ length: 25 }, (_, i) => i); // 5 × 5: the last row and column are beyond the squares
    const tokens = layer.forward(constant(engine.tensor(pixels, [1, 1, 5, 5])));
    assert.deepEqual(tokens.shape, [1, 4, 2]);
    const sum = (corner: number): number => 100 + corner + (corner + 1) + (corner + 5) + (corner + 6);
    assert.deepEqual(
      [...tokens.dataSync()],
      [0, 2, 10, 12].flatMap((corner) => [sum(corner), corner]),
    );
  });
});
