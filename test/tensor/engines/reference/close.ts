/** Comparison of arrays in the tests of kernels. */
import assert from "node:assert/strict";

/** Every element within `tolerance` of what is expected, relative to max(1, |expected|). */
export function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(actual.length, expected.length, "number of elements");
  for (let i = 0; i < expected.length; i++) {
    const allowed = tolerance * Math.max(1, Math.abs(expected[i]));
    const equal = Object.is(actual[i], expected[i]) || Math.abs(actual[i] - expected[i]) <= allowed;
    assert.ok(equal, `element ${i}: ${actual[i]}, expected ${expected[i]} within ${allowed}`);
  }
}
