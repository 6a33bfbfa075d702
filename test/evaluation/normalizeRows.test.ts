import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { countZeroRows, normalizeRows, rowNorms, sumMirrored } from "../../src/evaluation/normalizeRows.js";

describe("normalizeRows", () => {
  it("divides each row by its length and leaves the input alone", () => {
    const rows = Float32Array.of(3, 4, 0, -2);
    assert.deepEqual(normalizeRows(rows, 2), Float64Array.of(3 / 5, 4 / 5, 0, -1));
    assert.deepEqual(rows, Float32Array.of(3, 4, 0, -2));
    assert.deepEqual(rowNorms(rows, 2), Float64Array.of(5, 2));
  });

  it("keeps a row of zeros, and it is counted", () => {
    const unit = normalizeRows(Float32Array.of(0, 0, 1, 1), 2);
    assert.deepEqual(unit.subarray(0, 2), Float64Array.of(0, 0));
    assert.equal(countZeroRows(unit, 2), 1);
  });

  it("survives lengths whose squares leave the range of float64", () => {
    const unit = normalizeRows(Float64Array.of(3e200, 4e200, 3e-200, 4e-200), 2);
    // hypot and the division each round once: 2 ulp below 1
    for (const [i, expected] of [0.6, 0.8, 0.6, 0.8].entries()) assert.ok(Math.abs(unit[i] - expected) <= 2 ** -52);
  });

  it("names the place of a NaN and of an infinity", () => {
    assert.throws(() => normalizeRows(Float32Array.of(1, 2, 3, NaN), 2), /row 1, dimension 1 is NaN/);
    assert.throws(() => normalizeRows(Float32Array.of(1, 2, Infinity, 4), 2), /row 1, dimension 0 is Infinity/);
  });

  it("refuses numbers that do not form rows", () => {
    assert.throws(() => normalizeRows(new Float32Array(7), 2), /given 7 numbers and E = 2/);
    assert.throws(() => normalizeRows(new Float32Array(0), 2), /given 0 numbers/);
    assert.throws(() => normalizeRows(new Float32Array(4), 0), /E = 0/);
  });
});

describe("sumMirrored", () => {
  it("adds raw embeddings in float64", () => {
    assert.deepEqual(
      sumMirrored(Float32Array.of(1, 2 ** -30), Float32Array.of(1, 1)),
      Float64Array.of(2, 1 + 2 ** -30),
    );
    assert.throws(() => sumMirrored(new Float32Array(4), new Float32Array(6)), /given 4 and 6 numbers/);
  });
});
