import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { averagePrecisionAt, precisionAt } from "../../../src/evaluation/revisited/precisionForms.js";

describe("averagePrecisionAt", () => {
  it("is the area under straight lines between precisions, or the mean of the precisions", () => {
    // positives at places 2 and 4, counted from one
    assert.equal(averagePrecisionAt([1, 3], 2), (0 / 1 + 1 / 2) / 2 / 2 + (1 / 3 + 2 / 4) / 2 / 2);
    assert.equal(averagePrecisionAt([1, 3], 2, "precisions"), (1 / 2 + 2 / 4) / 2);
  });

  it("begins at 1 where the first image is right", () => {
    assert.equal(averagePrecisionAt([0], 1), 1);
    assert.equal(averagePrecisionAt([0, 2], 2), 1 / 2 + (1 / 2 + 2 / 3) / 2 / 2);
  });

  it("counts positives that a short ranking lacks as never found", () => {
    assert.equal(averagePrecisionAt([0], 4), 1 / 4);
    assert.equal(averagePrecisionAt([], 4), 0);
  });

  it("says what is wrong with its input", () => {
    assert.throws(() => averagePrecisionAt([], 0), /given 0 positions and 0 positives/);
    assert.throws(() => averagePrecisionAt([0, 1], 1), /given 2 positions and 1 positives/);
    assert.throws(() => averagePrecisionAt([3, 3], 2), /position 1 is 3 after 3/);
    assert.throws(() => averagePrecisionAt([-1], 2), /position 0 is -1\./);
  });
});

describe("precisionAt", () => {
  it("looks at the first k, but not beyond the last positive", () => {
    assert.equal(precisionAt([1, 3], 2, 1), 0);
    assert.equal(precisionAt([1, 3], 2, 3), 1 / 3);
    assert.equal(precisionAt([1, 3], 2, 10), 2 / 4);
    assert.equal(precisionAt([0], 1, 10), 1);
    assert.equal(precisionAt([0], 2, 10), 1 / 10); // the other one is beyond this head of a ranking
  });

  it("is 0 for a ranking without a positive", () => assert.equal(precisionAt([], 2, 5), 0));

  it("refuses a k that is none", () => assert.throws(() => precisionAt([0], 1, 0), /whole number ≥ 1, given 0/));
});
