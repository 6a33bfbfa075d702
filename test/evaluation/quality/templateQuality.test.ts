import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { qualityWeights, templatePairQuality } from "../../../src/evaluation/quality/templateQuality.js";
import { poolTemplates } from "../../../src/evaluation/templates.js";

const templates = [9, 2, 9, 4];
const quality = [0.8, 0.5, 0.3, 0.6];

describe("templatePairQuality", () => {
  it("is the worst of all images of both templates", () => {
    const pairs = { first: [9, 2, 4], second: [2, 4, 4] };
    assert.deepEqual(templatePairQuality(quality, templates, pairs), Float64Array.of(0.3, 0.5, 0.6));
    assert.deepEqual(templatePairQuality(quality, templates, pairs, "maximum"), Float64Array.of(0.8, 0.6, 0.6));
  });

  it("says what is wrong with its input", () => {
    const pairs = { first: [9], second: [2] };
    assert.throws(
      () => templatePairQuality(quality, [1], pairs),
      /templates: one entry a row is needed; given 1 for 4/,
    );
    assert.throws(() => templatePairQuality([1, NaN, 1, 1], templates, pairs), /that of image 1 of 4 is NaN/);
    assert.throws(
      () => templatePairQuality(quality, templates, { first: [9, 3], second: [2, 2] }),
      /pair 1 compares template 3, which has no image/,
    );
    assert.throws(() => templatePairQuality(quality, templates, { first: [9], second: [] }), /given 1 and 0/);
  });
});

describe("qualityWeights", () => {
  it("brings the worst to 0 and the best to 1, or all to 1 where they are equal", () => {
    assert.deepEqual(qualityWeights([-1, 3, 0]), Float64Array.of(0, 1, 0.25));
    assert.deepEqual(qualityWeights([7, 7]), Float64Array.of(1, 1));
    assert.throws(() => qualityWeights([1, Infinity]), /that of image 1 is Infinity/);
  });

  it("lets good images count more in a template", () => {
    const embeddings = Float32Array.of(4, 0, 0, 1, 0, 3, 1, 0);
    const images = { embeddings, embedding: 2, templates: [1, 1, 1, 2], media: [0, 0, 1, 0] };
    const pooled = poolTemplates({ ...images, weights: qualityWeights([1, 0, 1, 0]) });
    // (4, 0)/2 and (0, 3): (2, 3); the other template has only the worst image
    assert.deepEqual(pooled.embeddings, Float64Array.of(2 / Math.sqrt(13), 3 / Math.sqrt(13), 0, 0));
    assert.equal(pooled.zeroEmbeddings, 1);
  });
});
