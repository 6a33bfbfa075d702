import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { poolTemplates } from "../../src/evaluation/templates.js";

describe("poolTemplates", () => {
  it("averages a medium, sums media and normalises the sum", () => {
    // template 9: a video of (4, 0) and (0, 8) has the mean (2, 4); with the photograph (1, 0) that is (3, 4), of length 5
    const { ids, embeddings, zeroEmbeddings } = poolTemplates({
      embeddings: Float32Array.of(4, 0, 0, 1, 0, 8, 1, 0),
      embedding: 2,
      templates: [9, 2, 9, 9],
      media: [1, 1, 1, 3],
    });
    assert.deepEqual(ids, Int32Array.of(2, 9));
    assert.deepEqual(embeddings, Float64Array.of(0, 1, 3 / 5, 4 / 5));
    assert.equal(zeroEmbeddings, 0);
  });

  it("weights images as it is told, and counts templates that cancel out", () => {
    const images = { embeddings: Float32Array.of(3, 0, 0, 2, 1, 0, -1, 0), embedding: 2, media: [1, 2, 1, 2] };
    const templates = [1, 1, 2, 2];
    const { embeddings, zeroEmbeddings } = poolTemplates({ ...images, templates, weights: [0.5, 1, 1, 1] });
    assert.deepEqual(embeddings, Float64Array.of(1.5 / 2.5, 2 / 2.5, 0, 0));
    assert.equal(zeroEmbeddings, 1);
  });

  it("says what is wrong with its input", () => {
    const images = { embeddings: Float32Array.of(1, 2), embedding: 1, templates: [0, 0], media: [0, 1] };
    const scored = (weights: number[]) => () => poolTemplates({ ...images, weights });
    assert.throws(
      () => poolTemplates({ ...images, media: [0] }),
      /media: one entry a row is needed; given 1 for 2 rows/,
    );
    assert.throws(() => poolTemplates({ ...images, templates: [0, 0.5] }), /templates: .* entry 1 is 0.5/);
    assert.throws(scored([1]), /weights: one entry a row is needed; given 1 for 2 rows/);
    assert.throws(scored([1, -1]), /that of image 1 is -1/);
    assert.throws(scored([NaN, 1]), /that of image 0 is NaN/);
  });
});
