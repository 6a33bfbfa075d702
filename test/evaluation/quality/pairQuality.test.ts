import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pairQuality } from "../../../src/evaluation/quality/pairQuality.js";

const pairs = { first: Int32Array.of(0, 1, 2), second: Int32Array.of(1, 2, 2), same: Uint8Array.of(1, 0, 1) };

describe("pairQuality", () => {
  it("is that of the worse image, of both, or of the better one", () => {
    const quality = [0.5, -1, 3];
    assert.deepEqual(pairQuality(quality, pairs), Float64Array.of(-1, -1, 3));
    assert.deepEqual(pairQuality(quality, pairs, "mean"), Float64Array.of(-0.25, 1, 3));
    assert.deepEqual(pairQuality(quality, pairs, "maximum"), Float64Array.of(0.5, 3, 3));
  });

  it("refuses images without a score", () => {
    assert.throws(() => pairQuality([1, 2], pairs), /images are numbered 0 \.\. 1, but pair 1 compares 1 with 2/);
    assert.throws(() => pairQuality([1, 2, NaN], pairs), /that of image 2 of 3 is NaN/);
  });
});
