/** Quality of templates: the worst of all images of a comparison, and weights of pooling. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { qualityWeights, templatePairQuality } from "../../src/evaluation/quality/templateQuality.js";
import { poolTemplates } from "../../src/evaluation/templates.js";
import { imagesOfTemplates, type ImageOfTemplate } from "../arbitraries/templates.js";
import { permutations } from "../arbitraries/shapes.js";
import { assertNear, assertNotAbove } from "../evaluation/assertions.js";
import { property } from "../property.js";

/** Images, and 1 … 6 pairs of their templates; the detector's score stands for the quality. */
const problems = (): fc.Arbitrary<{ images: ImageOfTemplate[]; first: number[]; second: number[] }> =>
  imagesOfTemplates().chain((images) => {
    const chosen = fc.constantFrom(...images.map(({ template }) => template));
    return fc
      .array(fc.tuple(chosen, chosen), { minLength: 1, maxLength: 6 })
      .map((pairs) => ({ images, first: pairs.map(([one]) => one), second: pairs.map(([, other]) => other) }));
  });

const qualities = (images: readonly ImageOfTemplate[]): number[] => images.map(({ score }) => score);
const templates = (images: readonly ImageOfTemplate[]): number[] => images.map(({ template }) => template);

describe("quality of a pair of templates", () => {
  property("is the worst among all images of both", [problems()], ({ images, first, second }) => {
    const of = (p: number): number[] =>
      images.filter(({ template }) => template === first[p] || template === second[p]).map(({ score }) => score);
    const [least, most] = (["minimum", "maximum"] as const).map((combine) =>
      templatePairQuality(qualities(images), templates(images), { first, second }, combine),
    );
    assert.deepEqual([...least], first.map((_, p) => Math.min(...of(p)))); // prettier-ignore
    assert.deepEqual([...most], first.map((_, p) => Math.max(...of(p)))); // prettier-ignore
  });

  property(
    "does not see the order of images nor of the two templates, and falls when an image is added",
    [problems().chain((problem) => fc.tuple(fc.constant(problem), permutations(problem.images.length)))],
    ([{ images, first, second }, order]) => {
      const whole = templatePairQuality(qualities(images), templates(images), { first, second });
      const moved = order.map((i) => images[i]);
      const turned = { first: second, second: first };
      assert.deepEqual(templatePairQuality(qualities(moved), templates(moved), turned), whole);
      const more = [...images, { ...images[0], score: 0.25 }];
      const lower = templatePairQuality(qualities(more), templates(more), { first, second });
      lower.forEach((value, p) => assertNotAbove(value, whole[p], `pair ${p}`));
    },
  );
});

describe("weights from quality", () => {
  property(
    "do not see a rising line through the qualities, and turn round with a falling one",
    [imagesOfTemplates(), fc.integer({ min: -8, max: 8 }), fc.integer({ min: -3, max: 3 })],
    (images, exponent, shift) => {
      const weights = qualityWeights(qualities(images));
      const mapped = qualityWeights(qualities(images).map((score) => 2 ** exponent * (score + shift)));
      const falling = qualityWeights(qualities(images).map((score) => -score));
      const [low, high] = [Math.min(...qualities(images)), Math.max(...qualities(images))];
      // a shifted score loses up to 4·ε, relative to the range
      const tolerance = (8 * (1 + Math.abs(shift)) * Number.EPSILON) / (high - low);
      weights.forEach((weight, image) => {
        if (high === low) assert.deepEqual([weight, falling[image]], [1, 1]);
        else if (high - low > 1e-6) {
          assertNear(mapped[image], weight, tolerance, `image ${image}`);
          assertNear(falling[image], 1 - weight, 4 * Number.EPSILON, `image ${image}, falling`);
        }
      });
    },
  );

  property("leave the worst image out of its template", [imagesOfTemplates()], (images) => {
    const weights = qualityWeights(qualities(images));
    const counted = images.filter((_, i) => weights[i] > 0);
    const options = (chosen: readonly ImageOfTemplate[]) => ({
      embeddings: Float64Array.from(chosen.flatMap(({ embedding }) => [...embedding])),
      embedding: 3,
      templates: templates(chosen),
      media: chosen.map((_, i) => i), // a medium each: a mean would count the image that is left out
    });
    const all = poolTemplates({ ...options(images), weights });
    const some = poolTemplates({ ...options(counted), weights: weights.filter((weight) => weight > 0) });
    some.ids.forEach((id, row) => {
      const place = all.ids.indexOf(id);
      assert.deepEqual(
        all.embeddings.subarray(3 * place, 3 * place + 3).map((value) => value + 0),
        some.embeddings.subarray(3 * row, 3 * row + 3).map((value) => value + 0),
      );
    });
  });
});
