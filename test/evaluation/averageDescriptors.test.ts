import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { averageDescriptors, l2n } from "../../src/evaluation/averageDescriptors.js";

describe("averageDescriptors", () => {
  it("brings every size to length one before it takes the mean", () => {
    // (1, 0) and (0, 1), whatever their lengths
    const average = averageDescriptors([Float64Array.of(100, 0), Float64Array.of(0, 0.5)], 2);
    assert.deepEqual([...average], [1 / Math.sqrt(2), 1 / Math.sqrt(2)]);
  });

  it("keeps images apart, and of one size is normalising", () => {
    assert.deepEqual([...averageDescriptors([Float32Array.of(3, 4, 0, -2)], 2)], [3 / 5, 4 / 5, 0, -1]);
  });

  it("takes no part of a zero, and gives a zero where nothing is left", () => {
    const zero = Float64Array.of(0, 0);
    assert.deepEqual([...averageDescriptors([zero, Float64Array.of(0, 7)], 2)], [0, 1]);
    assert.deepEqual([...averageDescriptors([Float64Array.of(0, -3), Float64Array.of(0, 7)], 2)], [0, 0]);
  });

  it("says what is wrong with its input", () => {
    assert.throws(() => averageDescriptors([], 2), /one size or more are needed, given 0/);
    assert.throws(() => averageDescriptors([new Float64Array(4), new Float64Array(2)], 2), /given 2, 1 descriptors/);
    assert.throws(() => averageDescriptors([Float64Array.of(NaN, 1)], 2), /row 0, dimension 0 is NaN/);
  });
});

describe("l2n", () => {
  it("adds epsilon to the length", () => {
    assert.deepEqual([...l2n(Float64Array.of(3, 4, 0, 0), 2, 5)], [3 / 10, 4 / 10, 0, 0]);
    assert.deepEqual([...l2n(Float64Array.of(0, 2), 2)], [0, 2 / (2 + 1e-6)]);
  });

  it("refuses an epsilon that is none", () => assert.throws(() => l2n(Float64Array.of(1), 1, 0), /given 0/));
});
