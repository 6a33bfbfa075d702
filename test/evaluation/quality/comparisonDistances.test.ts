import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { comparisonDistances, joinMirrored } from "../../../src/evaluation/quality/comparisonDistances.js";

const embeddings = Float32Array.of(3, 0, 0, 5, 2, 2, -7, 0, 0, 0); // (1, 0), (0, 1), 45°, (−1, 0), nothing
const pairs = { first: Int32Array.of(0, 0, 0, 3, 4), second: Int32Array.of(1, 2, 3, 3, 0), same: new Uint8Array(5) };
const nearly = (got: Float64Array, want: readonly number[]): void => {
  // cosines are rounded once or twice; none of these angles is near 0 where that would be magnified
  assert.deepEqual(got.map((value) => Math.round(value * 1e12) / 1e12), Float64Array.from(want)); // prettier-ignore
};

describe("comparisonDistances", () => {
  it("is the angle as a share of a half turn, 1/2 for a row of zeros", () => {
    nearly(comparisonDistances(embeddings, 2, pairs), [1 / 2, 1 / 4, 1, 0, 1 / 2]);
  });

  it("is the squared distance of unit rows on request", () => {
    nearly(comparisonDistances(embeddings, 2, pairs, "euclidean"), [2, 0.585786437627, 4, 0, 1]); // 2 − √2
  });

  it("takes a cosine that rounds beyond 1 for 1", () => {
    // of 2000 rows, some have a unit row whose product with itself exceeds 1
    const rows = Float64Array.from({ length: 6000 }, (_, i) => Math.sin(i * i));
    const itself = Int32Array.from({ length: 2000 }, (_, i) => i);
    const angles = comparisonDistances(rows, 3, { first: itself, second: itself, same: new Uint8Array(2000) });
    // the arc cosine of 1 − 4ε is 4e-8
    for (const angle of angles) assert.ok(angle >= 0 && angle < 2e-8, `${angle}`);
  });

  it("refuses pairs of other images", () => {
    const wrong = { first: Int32Array.of(0), second: Int32Array.of(5), same: new Uint8Array(1) };
    for (const distance of ["angle", "euclidean"] as const) {
      assert.throws(
        () => comparisonDistances(embeddings, 2, wrong, distance),
        /0 \.\. 4, but pair 0 compares 0 with 5/,
      );
    }
  });
});

describe("joinMirrored", () => {
  it("puts each mirror's row behind its image's", () => {
    const joined = joinMirrored(Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 7, 8), 2);
    assert.deepEqual(joined, Float64Array.of(1, 2, 5, 6, 3, 4, 7, 8));
  });

  it("refuses rows that do not fit each other", () => {
    assert.throws(() => joinMirrored(new Float32Array(4), new Float32Array(2), 2), /given 4 and 2 numbers/);
    assert.throws(() => joinMirrored(new Float32Array(3), new Float32Array(3), 2), /the same 2 dimensions/);
  });
});
