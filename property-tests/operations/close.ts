/** Comparison with a bound of its own for every element. */
import assert from "node:assert/strict";
import type { Answer, Bounds } from "./answer.js";

/** Every element within what is allowed at it. Where nothing is promised (∞, beyond the largest float32), nothing is compared. */
export function assertWithin(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  allowed: ArrayLike<number>,
  what: string,
): void {
  assert.equal(actual.length, expected.length, `${what}: number of elements`);
  for (let i = 0; i < expected.length; i++) {
    if (allowed[i] === Infinity || Math.abs(actual[i] - expected[i]) <= allowed[i]) continue;
    assert.fail(`${what}[${i}]: ${actual[i]}, but float64 gives ${expected[i]} (allowed distance ${allowed[i]})`);
  }
}

/** Value and gradients of a float32 engine. */
export function assertAnswer(actual: Answer, { exact, allowed }: Bounds, engine: string): void {
  assert.deepEqual(actual.shape, exact.shape, `${engine}: shape`);
  assertWithin(actual.y, exact.y, allowed.y, `${engine}: y`);
  for (const [position, gradient] of exact.gradients.entries()) {
    const what = `${engine}: gradient of input ${position}`;
    assert.equal(actual.gradients[position] === undefined, gradient === undefined, what);
    assertWithin(actual.gradients[position] ?? [], gradient ?? [], allowed.gradients[position] ?? [], what);
  }
}

/** The same bits; 0 and −0 are told apart, NaN equals NaN. */
export function assertSameBits(actual: Answer, expected: Answer, what: string): void {
  assert.deepEqual(actual, expected, what);
}
