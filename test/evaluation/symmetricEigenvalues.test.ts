import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { symmetricEigenvalues } from "../../src/evaluation/symmetricEigenvalues.js";

/** n · ε · the largest eigenvalue. */
function assertEigenvalues(matrix: readonly number[], n: number, expected: readonly number[]): void {
  const found = symmetricEigenvalues(Float64Array.from(matrix), n);
  const tolerance = 4 * n * Number.EPSILON * Math.max(...expected.map(Math.abs));
  expected.forEach((value, i) => assert.ok(Math.abs(found[i] - value) <= tolerance, `${i}: ${found[i]} for ${value}`));
}

describe("symmetricEigenvalues", () => {
  it("knows small matrices by heart", () => {
    assertEigenvalues([-7], 1, [-7]);
    assertEigenvalues([2, 1, 1, 2], 2, [3, 1]);
    assertEigenvalues([1, 0, 0, 0, -5, 0, 0, 0, 3], 3, [3, 1, -5]);
    assertEigenvalues([0, 1, 1, 1, 0, 1, 1, 1, 0], 3, [2, -1, -1]);
  });

  it("finds rank one, and zeros", () => {
    assertEigenvalues(Array<number>(49).fill(1), 7, [7, 0, 0, 0, 0, 0, 0]);
    assert.deepEqual(symmetricEigenvalues(new Float64Array(9), 3), new Float64Array(3));
  });

  it("finds the frequencies of a chain: 2 − 2 cos(kπ/(n + 1))", () => {
    const n = 40;
    const chain = Array.from({ length: n * n }, (_, at) => [2, -1][Math.abs(Math.floor(at / n) - (at % n))] ?? 0);
    const expected = Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((n - k) * Math.PI) / (n + 1)));
    assertEigenvalues(chain, n, expected);
  });

  it("does not care how large the entries are", () => {
    assertEigenvalues([2e300, 1e300, 1e300, 2e300], 2, [3e300, 1e300]);
    assertEigenvalues([2e-300, 1e-300, 1e-300, 2e-300], 2, [3e-300, 1e-300]);
  });

  it("reads the lower triangle, and leaves the matrix as it is", () => {
    const matrix = Float64Array.of(2, 99, 1, 2);
    symmetricEigenvalues(matrix, 2);
    assert.deepEqual(matrix, Float64Array.of(2, 99, 1, 2));
    assertEigenvalues([2, 0, 1, 2], 2, [3, 1]);
  });

  it("refuses what is not square or not finite", () => {
    assert.throws(() => symmetricEigenvalues(new Float64Array(6), 2), /given 6 numbers and n = 2/);
    assert.throws(() => symmetricEigenvalues(Float64Array.of(NaN), 1), /finite numbers/);
  });
});
