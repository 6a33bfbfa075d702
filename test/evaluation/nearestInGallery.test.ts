import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nearestInGallery } from "../../src/evaluation/nearestInGallery.js";

describe("nearestInGallery", () => {
  const options = {
    queries: Float32Array.of(1, 0),
    gallery: Float32Array.of(0, 0, 5, 0, 1, 1),
    embedding: 2,
    neighbours: 9,
  };

  it("ranks by distance and by product", async () => {
    // distances 1, 4, 1; products 0, 5, 1
    const indices = async (by: "distance" | "product"): Promise<number[]> =>
      (await nearestInGallery({ ...options, by }))[0].map(({ index }) => index);
    assert.deepEqual(await indices("distance"), [0, 2, 1]);
    assert.deepEqual(await indices("product"), [1, 2, 0]);
    assert.deepEqual(await nearestInGallery({ ...options, by: "distance", neighbours: 1 }), [
      [{ index: 0, score: -1 }],
    ]);
  });

  it("does not let queries find themselves when they are their own gallery", async () => {
    const nearest = await nearestInGallery({
      queries: Float32Array.of(1, 1, 4),
      embedding: 1,
      by: "distance",
      neighbours: 1,
    });
    assert.deepEqual(nearest.map(([{ index }]) => index), [1, 0, 0]); // prettier-ignore
  });

  it("asks a product from elsewhere for the rows it compares, with one dimension more for distances", async () => {
    const seen: number[][] = [];
    const rowProduct = (queries: Float64Array, gallery: Float64Array, width: number) => {
      seen.push([...queries], [...gallery], [width]);
      return () => Float32Array.of(1, 3, 2);
    };
    const [nearest] = await nearestInGallery({ ...options, by: "distance", rowProduct });
    assert.deepEqual(nearest.map(({ index }) => index), [1, 2, 0]); // prettier-ignore
    assert.deepEqual(seen, [[1, 0, 1], [0, 0, 0, 5, 0, -12.5, 1, 1, -1], [3]]); // −‖x‖²/2 last
  });

  it("says what is wrong with its input", async () => {
    const by = "product";
    await assert.rejects(nearestInGallery({ ...options, by, gallery: new Float32Array(0) }), /given 0 numbers/);
    await assert.rejects(
      nearestInGallery({ ...options, by, queries: Float32Array.of(1, NaN) }),
      /row 0, dimension 1 is NaN/,
    );
  });
});
