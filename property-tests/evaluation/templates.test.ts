/** Templates: images pooled by media and weight, and their 1:1 verification. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { poolTemplates, type TemplateImages, type Templates } from "../../src/evaluation/templates.js";
import { templateVerification } from "../../src/evaluation/templateVerification.js";
import { bothKinds } from "../arbitraries/scores.js";
import { permutations } from "../arbitraries/shapes.js";
import { imagesOfTemplates, type ImageOfTemplate } from "../arbitraries/templates.js";
import { property } from "../property.js";
import { assertNear } from "./assertions.js";

function asOptions(images: readonly ImageOfTemplate[]): TemplateImages {
  return {
    embeddings: Float64Array.from(images.flatMap(({ embedding }) => [...embedding])),
    embedding: 3,
    templates: images.map(({ template }) => template),
    media: images.map(({ media }) => media),
    weights: images.map(({ score }) => score),
  };
}

const pool = (images: readonly ImageOfTemplate[]): Templates => poolTemplates(asOptions(images));

/** Sums of media means, template by template in rising order, before normalising; and the size of what was added. */
function sums(images: readonly ImageOfTemplate[]): { id: number; sum: number[]; size: number }[] {
  const ids = [...new Set(images.map(({ template }) => template))].sort((a, b) => a - b);
  return ids.map((id) => {
    const own = images.filter(({ template }) => template === id);
    const means = [...new Set(own.map(({ media }) => media))].map((media) => {
      const frames = own.filter((image) => image.media === media);
      return [0, 1, 2].map(
        (e) => frames.reduce((sum, { embedding, score }) => sum + score * embedding[e], 0) / frames.length,
      );
    });
    const sum = [0, 1, 2].map((e) => means.reduce((total, mean) => total + mean[e], 0));
    const size = own.reduce((total, { embedding, score }) => total + score * Math.hypot(...embedding), 0);
    return { id, sum, size };
  });
}

/**
 * Both poolings have the same templates, equal but for rounding: 20 images are added, each rounded a few times relative to its own size, and what
 * is normalised may be much shorter than what was added.
 */
function assertSameTemplates(got: Templates, want: Templates, images: readonly ImageOfTemplate[]): void {
  assert.deepEqual(got.ids, want.ids);
  sums(images).forEach(({ sum, size }, row) => {
    const length = Math.hypot(...sum);
    const rounding = 100 * Number.EPSILON * size;
    // where everything cancels, the direction is that of rounding errors
    if (length <= 10 * rounding) return;
    for (let e = 0; e < 3; e++) {
      const [one, other] = [got.embeddings[3 * row + e], want.embeddings[3 * row + e]];
      assertNear(one, other, (4 * rounding) / length + 8 * Number.EPSILON, `template ${got.ids[row]}`);
    }
  });
}

describe("template pooling", () => {
  property("is the normalised sum of the means of media", [imagesOfTemplates()], (images) => {
    const expected = sums(images);
    const units = expected.flatMap(({ sum }) => sum.map((value) => value / (Math.hypot(...sum) || 1)));
    const embeddings = Float64Array.from(units);
    const ids = Int32Array.from(expected, ({ id }) => id);
    assertSameTemplates(pool(images), { ids, embeddings, zeroEmbeddings: 0 }, images);
  });

  property(
    "does not see the order of the images",
    [imagesOfTemplates().chain((images) => fc.tuple(fc.constant(images), permutations(images.length)))],
    ([images, order]) => assertSameTemplates(pool(order.map((i) => images[i])), pool(images), images),
  );

  property(
    "does not see that every frame of a video is there k times",
    [imagesOfTemplates(), fc.constantFrom(0, 1, 2), fc.integer({ min: 2, max: 4 })],
    (images, video, copies) => {
      const longer = images.flatMap((image) => Array.from({ length: image.media === video ? copies : 1 }, () => image));
      assertSameTemplates(pool(longer), pool(images), images);
    },
  );

  property(
    "does not see a frame replaced by two whose mean it is",
    [imagesOfTemplates(), fc.constantFrom(0, 1, 2)],
    (images, video) => {
      // every frame x of an item becomes 2x and 0
      const split = images.flatMap((image) =>
        image.media === video
          ? [
              { ...image, score: 2 * image.score },
              { ...image, score: 0 },
            ]
          : [image],
      );
      assertSameTemplates(pool(split), pool(images), images);
    },
  );

  property(
    "does not see a common factor of the weights, nor of the embeddings",
    [imagesOfTemplates(), fc.integer({ min: -30, max: 30 }), fc.integer({ min: -30, max: 30 })],
    (images, ofScores, ofEmbeddings) => {
      // powers of two: nothing is rounded differently
      const scaled = images.map((image) => ({
        ...image,
        score: image.score * 2 ** ofScores,
        embedding: image.embedding.map((value) => value * 2 ** ofEmbeddings),
      }));
      assert.deepEqual(pool(scaled), pool(images));
    },
  );

  property("gives unit rows or, counted, rows of zeros", [imagesOfTemplates()], (images) => {
    const { ids, embeddings, zeroEmbeddings } = pool(images);
    const lengths = Array.from(ids, (_, row) => Math.hypot(...embeddings.subarray(3 * row, 3 * row + 3)));
    // three squares and a root
    for (const length of lengths) if (length > 0) assertNear(length, 1, 8 * Number.EPSILON, "length");
    assert.equal(lengths.filter((length) => length === 0).length, zeroEmbeddings);
  });

  property("without weights takes all images alike", [imagesOfTemplates()], (images) => {
    const alike = images.map((image) => ({ ...image, score: 1 }));
    assert.deepEqual(poolTemplates({ ...asOptions(images), weights: undefined }), pool(alike));
  });
});

describe("template verification", () => {
  const pairs = fc.integer({ min: 2, max: 12 }).chain((count) => {
    const numbers = fc.array(fc.nat({ max: 3 }), { minLength: count, maxLength: count });
    return fc.record({ first: numbers, second: numbers, same: bothKinds(count) });
  });

  property("scores pairs by cosine and reads the published table", [imagesOfTemplates(), pairs], (images, numbers) => {
    const { ids, embeddings } = pool(images);
    const named = (places: readonly number[]): number[] => places.map((place) => ids[place % ids.length]);
    const given = { first: named(numbers.first), second: named(numbers.second), same: numbers.same };
    const { scores, tar, area, curve } = templateVerification({ ...asOptions(images), pairs: given });
    const row = (id: number): number[] => Array.from(embeddings.subarray(3 * ids.indexOf(id), 3 * ids.indexOf(id) + 3));
    const cosines = given.first.map((id, p) =>
      row(id).reduce((sum, value, e) => sum + value * row(given.second[p])[e], 0),
    );
    assert.deepEqual(Array.from(scores), cosines);
    assert.deepEqual(tar.map(({ far }) => far), [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1]); // prettier-ignore
    tar.forEach((entry) => {
      const gaps = Array.from(curve.falseAccept, (rate) => Math.abs(rate - entry.far));
      const nearest = gaps.lastIndexOf(Math.min(...gaps));
      assert.equal(entry.tar, curve.trueAccept[nearest]);
    });
    assertNear(area, 0.5, 0.5 + 64 * Number.EPSILON, "area");
  });
});
