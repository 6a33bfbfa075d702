import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { areaUnderDiscardCurve, partialArea } from "../../../src/evaluation/quality/discardArea.js";
import type { DiscardCurve } from "../../../src/evaluation/quality/errorVersusDiscard.js";

/** Quarters, so that sums are exact. */
function curve(...errors: readonly (readonly number[])[]): DiscardCurve {
  const fnmr = errors.map((values) => Float64Array.from(values));
  const counts = Int32Array.from(fnmr[0], () => 10);
  const ratios = fnmr[0].map((_, r) => r / 4);
  const fmrs = errors.map((_, f) => 10 ** (-f - 2));
  return { threshold: "fullSet", fmrs, ratios, genuine: counts, impostor: counts, thresholds: fnmr, fnmr };
}

const falling = curve([1, 0.5, 0.5, 0], [0, 0, 0, 0]);

describe("areaUnderDiscardCurve", () => {
  it("adds trapezoids and divides by nothing", () => {
    assert.equal(areaUnderDiscardCurve(falling, 0), 0.25 * (0.75 + 0.5 + 0.25));
    assert.equal(areaUnderDiscardCurve(falling, 1), 0);
    assert.equal(areaUnderDiscardCurve(curve([0.7]), 0), 0);
  });

  it("refuses a rate that the curve does not have", () => {
    assert.throws(() => areaUnderDiscardCurve(falling, 2), /at 2 false match rates \(0\.01, 0\.001\).* given 2/);
  });
});

describe("partialArea", () => {
  it("is the mean error up to a ratio, also between two ratios of the curve", () => {
    assert.equal(partialArea(falling, 0, { until: 0.25 }), 0.75);
    assert.equal(partialArea(falling, 0, { until: 0.125 }), 0.875); // 1 at 0, 0.75 at 0.125
    assert.equal(partialArea(falling, 0, { until: 0.75 }), 0.5);
  });

  it("is relative to the error without discarding on request, and NaN where there was none", () => {
    const halved = curve([0.5, 0.25, 0.25, 0]);
    assert.equal(partialArea(halved, 0, { until: 0.25, relative: true }), 0.75);
    assert.equal(partialArea(falling, 1, { until: 0.25, relative: true }), NaN);
  });

  it("ends at 0.3 unless told otherwise", () => {
    // 0.25 · 0.75 until 0.25, then level at 0.5; three roundings
    const expected = (0.25 * 0.75 + 0.05 * 0.5) / 0.3;
    assert.ok(Math.abs(partialArea(falling, 0) - expected) < 1e-15);
  });

  it("takes the last ratio for reached although it is a product that rounds", () => {
    const fine = { ...falling, ratios: Float64Array.of(0, 0.1, 0.2, 3 * 0.1 - 2 ** -54) };
    assert.ok(partialArea(fine, 0) > 0);
  });

  it("refuses a ratio that the curve does not reach", () => {
    assert.throws(() => partialArea(falling, 0, { until: 0.8 }), /given 0\.8 and ratios up to 0\.75/);
    assert.throws(() => partialArea(falling, 0, { until: 0 }), /given 0 and/);
    assert.throws(() => partialArea(falling, 0, { until: NaN }), /given NaN and/);
  });
});
