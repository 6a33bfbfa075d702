import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { leadingDimensions, nearestInGallery, recallAtOne } from "../../src/evaluation/galleryRetrieval.js";

describe("nearestInGallery", () => {
  const options = {
    queries: Float32Array.of(1, 0),
    gallery: Float32Array.of(0, 0, 5, 0, 1, 1),
    embedding: 2,
    neighbours: 9,
  };

  it("ranks by distance and by product", () => {
    // distances 1, 4, 1; products 0, 5, 1
    const indices = (by: "distance" | "product"): number[] =>
      nearestInGallery({ ...options, by })[0].map(({ index }) => index);
    assert.deepEqual(indices("distance"), [0, 2, 1]);
    assert.deepEqual(indices("product"), [1, 2, 0]);
    assert.deepEqual(nearestInGallery({ ...options, by: "distance", neighbours: 1 }), [[{ index: 0, score: -1 }]]);
  });

  it("does not let queries find themselves when they are their own gallery", () => {
    const nearest = nearestInGallery({
      queries: Float32Array.of(1, 1, 4),
      embedding: 1,
      by: "distance",
      neighbours: 1,
    });
    assert.deepEqual(nearest.map(([{ index }]) => index), [1, 0, 0]); // prettier-ignore
  });
});

describe("recallAtOne", () => {
  it("cuts after normalising, so that the lengths of what is left count", () => {
    // cut to one dimension: 1 and 3/5 in the gallery, 1/√10 the query; normalised again all would be 1, and the first would win
    const gallery = { embeddings: Float64Array.of(2, 0, 3, 4), labels: [1, 2] };
    const query = { embeddings: Float64Array.of(1, 3), labels: [2] };
    assert.equal(recallAtOne({ queries: query, gallery, embedding: 2, dimensions: 1 }), 1);
  });

  it("counts a query without an image of its class as a miss", () => {
    const queries = { embeddings: Float64Array.of(1, 0, 0, 1, 1, 0), labels: [1, 2, 1] };
    assert.equal(recallAtOne({ queries, embedding: 2 }), 2 / 3);
  });

  it("says what is wrong with its input", () => {
    const alone = { embeddings: Float64Array.of(1), labels: [1] };
    assert.throws(() => recallAtOne({ queries: alone, embedding: 1 }), /alone in its gallery/);
    assert.throws(() => recallAtOne({ queries: { ...alone, labels: [] }, embedding: 1 }), /given 0 for 1 rows/);
    for (const kept of [0, 2, 0.5]) {
      assert.throws(() => leadingDimensions(alone.embeddings, 1, kept), new RegExp(`in 1 .. 1 .* given ${kept}`));
    }
  });
});
