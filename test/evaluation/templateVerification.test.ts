import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { templateVerification } from "../../src/evaluation/templateVerification.js";

/** Templates 10, 20, 30 at angles whose cosines are known: (1, 0), (3/5, 4/5), (0, 1). */
const images = {
  embeddings: Float64Array.of(2, 0, 3, 4, 0, 7),
  embedding: 2,
  templates: [10, 20, 30],
  media: [0, 0, 0],
};

describe("templateVerification", () => {
  it("scores pairs by cosine and reads TAR at the corner with the nearest FAR", () => {
    const pairs = { first: [10, 20, 30, 10], second: [20, 30, 10, 10], same: [0, 1, 0, 1] };
    const { scores, area, tar } = templateVerification({ ...images, pairs, fars: [0.3, 0.6] });
    // (1, 0)·(3/5, 4/5), (3/5, 4/5)·(0, 1), …
    assert.deepEqual(scores, Float64Array.of(3 / 5, 4 / 5, 0, 1));
    assert.equal(area, 1);
    // genuine pairs come before both impostors: FAR 1/2 lies inside a line and is no corner, which leaves 0 and 1
    assert.deepEqual(tar.map(({ tar, falseAccept }) => [tar, falseAccept]), [[1, 0], [1, 1]]); // prettier-ignore
  });

  it("says what is wrong with its pairs", () => {
    const check = (first: number[], second: number[], same: number[]) => (): unknown =>
      templateVerification({ ...images, pairs: { first, second, same } });
    assert.throws(check([10, 40], [20, 30], [0, 1]), /pair 1 compares template 40, which has no image/);
    assert.throws(check([10], [20, 30], [0, 1]), /given 1, 2 and 2/);
    assert.throws(check([10, 20], [20, 30], [1, 1]), /given 2 genuine and 0 impostor pairs/);
  });
});
