import assert from "node:assert/strict";
import { it } from "node:test";
import { lowerBound } from "../../src/nn/lowerBound.js";

it("lowerBound finds what a walk from the front finds", () => {
  const ascending = Int32Array.of(-3, 0, 0, 2, 7);
  for (let value = -5; value < 10; value++) {
    const walked = ascending.findIndex((element) => element >= value);
    assert.equal(lowerBound(ascending, value), walked < 0 ? ascending.length : walked);
  }
  assert.equal(lowerBound(new Int32Array(0), 1), 0);
});
