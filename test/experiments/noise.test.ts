import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isAbove, isNotBelow, noise } from "../../experiments/noise.js";

describe("noise of a difference of shares", () => {
  it("is two standard errors, by hand", () => {
    assert.equal(noise([0.5, 0.5], 200), 0.1); // 2 √((1/4 + 1/4)/200)
    assert.ok(Math.abs(noise([0.1, 0.9, 0.5, 0.5], 68) - 0.2) < 1e-15); // 2 √((0.09 + 0.09 + 0.25 + 0.25)/68)
    assert.equal(noise([0, 1], 10), 0);
  });

  it("shrinks with the root of the number of queries", () => {
    assert.ok(Math.abs(noise([0.3, 0.7], 900) - noise([0.3, 0.7], 100) / 3) < 1e-15);
  });

  it("parts what is above from what is not", () => {
    assert.ok(isAbove(0.61, 0.5, 200)); // 2 √((0.2379 + 0.25)/200) = 0.0988
    assert.ok(!isAbove(0.59, 0.5, 200)); // 0.0992
    assert.ok(!isAbove(0.5, 0.61, 200));
    assert.ok(isNotBelow(0.5, 0.59, 200));
    assert.ok(isNotBelow(0.9, 0.1, 200));
    assert.ok(!isNotBelow(0.5, 0.61, 200));
  });
});
