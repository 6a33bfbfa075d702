import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { topByScore } from "../../src/evaluation/topByScore.js";

describe("topByScore", () => {
  const scores = Float64Array.of(1, 3, 2, 3, -1, 2);

  it("puts larger scores first, of equal ones the lower index", () => {
    assert.deepEqual([...topByScore(scores, 4)], [1, 3, 2, 5]);
    assert.deepEqual([...topByScore(scores, 3)], [1, 3, 2]);
    assert.deepEqual([...topByScore(scores, 99)], [1, 3, 2, 5, 0, 4]);
  });

  it("leaves an image out, and takes no more than there are", () => {
    assert.deepEqual([...topByScore(scores, 2, 3)], [1, 2]);
    assert.deepEqual([...topByScore(scores, 6, 0)], [1, 3, 2, 5, 4]);
    assert.deepEqual([...topByScore(Float64Array.of(7), 1, 0)], []);
    assert.deepEqual([...topByScore(scores, 0)], []);
  });
});
