import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { averagePrecision, meanAveragePrecision } from "../../src/evaluation/averagePrecision.js";

describe("averagePrecision", () => {
  it("takes precision at the rank of each relevant image", () => {
    assert.equal(averagePrecision(["a", "x", "b"], new Set(["a", "b"]), 100), (1 + 2 / 3) / 2);
    assert.equal(averagePrecision(["x", "y"], new Set(["a"]), 100), 0);
  });

  it("keeps the rank of an image that is named again, and adds nothing for it", () => {
    assert.equal(averagePrecision(["a", "a", "b"], new Set(["a", "b"]), 100), (1 + 2 / 3) / 2);
  });

  it("looks at the first K only, and expects no more than K", () => {
    assert.equal(averagePrecision(["a", "b", "c"], new Set(["a", "b", "c"]), 2), 1);
    assert.equal(averagePrecision(["x", "a"], new Set(["a"]), 1), 0);
  });

  it("says what is wrong with its input", () => {
    assert.throws(() => averagePrecision(["a"], new Set<string>(), 3), /given a limit of 3 and 0 relevant images/);
    assert.throws(() => averagePrecision(["a"], new Set(["a"]), 0), /given a limit of 0/);
    assert.throws(() => meanAveragePrecision([["a"]], []), /given 1 rankings and 0 sets/);
    assert.throws(() => meanAveragePrecision([], []), /given 0 rankings/);
  });
});
