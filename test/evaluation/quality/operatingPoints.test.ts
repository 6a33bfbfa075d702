import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  errorRates,
  falseNonMatchRate,
  pointAtFmr,
  pointAtFnmr,
} from "../../../src/evaluation/quality/operatingPoints.js";

// genuine 0.1 0.2 0.4 0.4, impostor 0.3 0.4 0.6 0.7 0.8
const distances = [0.4, 0.1, 0.3, 0.2, 0.4, 0.4, 0.7, 0.6, 0.8];
const same = [1, 1, 0, 1, 1, 0, 0, 0, 0];

describe("errorRates", () => {
  it("has a candidate for every distinct distance, the most permissive first", () => {
    const rates = errorRates(distances, same);
    assert.deepEqual([rates.genuine, rates.impostor], [4, 5]);
    assert.deepEqual(rates.thresholds, Float64Array.of(0.8, 0.7, 0.6, 0.4, 0.3, 0.2, 0.1));
    assert.deepEqual(rates.fmr, Float64Array.of(1, 4 / 5, 3 / 5, 2 / 5, 1 / 5, 0, 0));
    assert.deepEqual(rates.fnmr, Float64Array.of(0, 0, 0, 0, 2 / 4, 2 / 4, 3 / 4));
  });

  it("is the same for similarities that are the distances turned round", () => {
    const turned = errorRates(distances.map((d) => 1 - d), same, "similarity"); // prettier-ignore
    const rates = errorRates(distances, same, "distance");
    assert.deepEqual(turned.thresholds, rates.thresholds.map((d) => 1 - d)); // prettier-ignore
    assert.deepEqual([turned.fmr, turned.fnmr], [rates.fmr, rates.fnmr]);
  });

  it("has a threshold 0, not −0, where a distance is 0", () => {
    assert.ok(errorRates([0, 1], [1, 0]).thresholds.some((threshold) => Object.is(threshold, 0)));
  });

  it("refuses scores that have no rates", () => {
    assert.throws(() => errorRates([0.1, NaN], [1, 0]), /score 1 is NaN/);
    assert.throws(() => errorRates([0.1, 0.2], [1, 1]), /given 2 genuine and 0 impostor pairs/);
  });
});

describe("pointAtFmr", () => {
  const rates = errorRates(distances, same);

  it("is nearest to the rate, on either side of it", () => {
    assert.deepEqual(pointAtFmr(rates, 0.35), { index: 3, threshold: 0.4, fmr: 2 / 5, fnmr: 0 }); // exceeds the target
    assert.equal(pointAtFmr(rates, 0.25).threshold, 0.3);
  });

  it("is the most permissive of equally near candidates", () => {
    assert.equal(pointAtFmr(rates, 0).threshold, 0.2); // 0.1 lets no impostor through either
    // 1/4 and 3/4 are equally far from 1/2
    assert.equal(pointAtFmr(errorRates([0, 1, 2, 2, 3], [1, 0, 0, 0, 0]), 0.5).fmr, 3 / 4);
  });

  it("sets a genuine pair on the threshold where the target is below half of one false match", () => {
    assert.equal(pointAtFmr(rates, 0.099).threshold, 0.2);
    assert.equal(pointAtFmr(rates, 0.11).threshold, 0.3);
    const genuine = distances.filter((_, p) => same[p] === 1);
    assert.equal(pointAtFmr(rates, 0.099).fnmr, 2 / 4);
    assert.equal(falseNonMatchRate(genuine, 0.2), 3 / 4); // counted strictly, that pair is an error
  });

  it("refuses a rate outside 0 .. 1", () => {
    assert.throws(() => pointAtFmr(rates, 1.5), /a false match rate lies in 0 \.\. 1, given 1\.5/);
    assert.throws(() => pointAtFnmr(rates, NaN), /a false non-match rate lies in 0 \.\. 1, given NaN/);
  });
});

describe("pointAtFnmr", () => {
  it("is the strictest of the candidates nearest to the rate", () => {
    const rates = errorRates(distances, same);
    assert.deepEqual(pointAtFnmr(rates, 0), { index: 3, threshold: 0.4, fmr: 2 / 5, fnmr: 0 });
    assert.equal(pointAtFnmr(rates, 0.5).threshold, 0.2);
    assert.equal(pointAtFnmr(rates, 0.625).threshold, 0.1); // 2/4 and 3/4 are equally near
  });
});

describe("falseNonMatchRate", () => {
  it("rejects a pair exactly at the threshold, in both orientations", () => {
    assert.equal(falseNonMatchRate([1, 2, 3, 3], 3), 2 / 4);
    assert.equal(falseNonMatchRate([1, 2, 3, 3], 2, "similarity"), 2 / 4);
    assert.equal(falseNonMatchRate([], 1), NaN);
  });
});
