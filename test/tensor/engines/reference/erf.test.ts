import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { erf } from "../../../../src/tensor/engines/reference/erf.js";
import { assertClose } from "./close.js";

describe("the error function", () => {
  /** 2/√π ∫₀ˣ e^(−t²) dt by Simpson's rule: off by about h⁴ = 1e-14 with h = 3e-4. */
  function integral(x: number): number {
    const intervals = 20_000;
    const h = x / intervals;
    let sum = 1 + Math.exp(-x * x);
    for (let i = 1; i < intervals; i++) sum += (i % 2 === 1 ? 4 : 2) * Math.exp(-((i * h) ** 2));
    return ((2 / Math.sqrt(Math.PI)) * sum * h) / 3;
  }

  it("is the integral of the bell curve", () => {
    for (const x of [0.01, 0.5, 1, 2.5, 5.9]) assertClose([erf(x)], [integral(x)], 1e-13);
  });

  it("is odd, 0 at 0 and 1 far out", () => {
    assert.equal(erf(-1.5), -erf(1.5));
    assert.deepEqual([erf(0), erf(6), erf(-Infinity)], [0, 1, -1]);
    assert.ok(Math.abs(erf(5.999) - 1) < 1e-15);
    assert.ok(Number.isNaN(erf(NaN)));
  });
});
