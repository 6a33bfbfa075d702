import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { alignedLandmarks, applySimilarity, fitSimilarity, type Point } from "../../src/evaluation/faceAlignment.js";

describe("fitSimilarity", () => {
  it("finds a quarter turn with double size", () => {
    // (x, y) ↦ (−2 y + 5, 2 x − 1), exact in float64
    const points: Point[] = [[0, 0], [1, 0], [0, 1], [3, 4]]; // prettier-ignore
    const targets: Point[] = [[5, -1], [5, 1], [3, -1], [-3, 5]]; // prettier-ignore
    assert.deepEqual(fitSimilarity(points, targets), { a: 0, b: 2, shiftX: 5, shiftY: -1 });
    assert.deepEqual(applySimilarity(fitSimilarity(points, targets), [1, 1]), [3, 1]);
  });

  it("does not mirror: a mirrored pair of axes shrinks to a point rather than flip", () => {
    const points: Point[] = [[1, 0], [-1, 0], [0, 1], [0, -1]]; // prettier-ignore
    const mirrored: Point[] = [[1, 0], [-1, 0], [0, -1], [0, 1]]; // prettier-ignore
    assert.deepEqual(fitSimilarity(points, mirrored), { a: 0, b: 0, shiftX: 0, shiftY: 0 });
  });

  it("leaves aligned landmarks where they are", () => {
    const { a, b } = fitSimilarity(alignedLandmarks);
    assert.deepEqual([a, b], [1, 0]);
  });

  it("says what is wrong with its points", () => {
    assert.throws(() => fitSimilarity([[1, 2]]), /given 1 points, 5 targets/);
    assert.throws(() => fitSimilarity([[1, 2], [1, 2]], [[0, 0], [1, 1]]), /not all the same are needed, given 1,2; 1,2/); // prettier-ignore
    assert.throws(() => fitSimilarity([[1, NaN], [1, 2]], [[0, 0], [1, 1]]), /finite points/); // prettier-ignore
  });
});
