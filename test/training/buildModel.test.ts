import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkAugmentation } from "../../src/data/augmentation.js";
import { loader } from "../../src/data/loader.js";
import { buildAugmentation, buildSchedule } from "../../src/training/buildModel.js";
import { complete } from "../../src/training/configuration.js";
import { numberedSet } from "../data/miniatures.js";

describe("what CFCD does to training images", () => {
  test("is off where nobody asks for it", () => {
    const { crop, colourNoise } = buildAugmentation(complete({}));
    assert.deepEqual([crop, colourNoise], [undefined, 0]);
  });
  test("is a crop of that share of the area or more, and noise of that deviation", () => {
    const augmentation = buildAugmentation(complete({ augmentation: { crop: 0.08, colourNoise: 0.1 } }));
    checkAugmentation(augmentation);
    assert.deepEqual([augmentation.crop, augmentation.colourNoise], [{ area: [0.08, 1] }, 0.1]);
  });
  test("is refused before the first step where images are grey", () => {
    const augmentation = buildAugmentation(complete({ augmentation: { colourNoise: 0.1 } }));
    const set = numberedSet(8);
    assert.throws(
      () => loader({ set, batch: 4, seed: 0, augmentation }),
      /colour noise is of images with three channels.* have 1\.$/,
    );
  });
});

describe("the schedule epoch-cosine", () => {
  const settings = { optimizer: { rate: 0.005 }, batch: 4, accumulate: 2, steps: 50 };
  test("stays the same for the updates of an epoch: of 45 images in updates of 8 there are five", () => {
    const at = buildSchedule(complete({ ...settings, schedule: { kind: "epoch-cosine", warmup: 0 } }), 45);
    for (const step of [0, 4, 5, 9, 24, 49]) {
      const expected = 0.5 * 0.005 * (1 + Math.cos((Math.PI * Math.floor(step / 5)) / 10));
      assert.ok(Math.abs(at(step).rate - expected) < 1e-15, `step ${step}`);
    }
  });
  test("rises from a tenth over the warm-up, which is given in updates", () => {
    const at = buildSchedule(complete({ ...settings, schedule: { kind: "epoch-cosine", warmup: 10 } }), 45);
    const factor = (step: number): number =>
      at(step).rate / (0.5 * 0.005 * (1 + Math.cos((Math.PI * Math.floor(step / 5)) / 10)));
    for (const [step, expected] of [
      [0, 0.1],
      [5, 0.55],
      [10, 1],
      [45, 1],
    ]) {
      // prettier-ignore
      assert.ok(Math.abs(factor(step) - expected) < 1e-12, `step ${step}`);
    }
  });
  test("has no warm-up where that would be shorter than an epoch", () => {
    const at = buildSchedule(complete({ ...settings, schedule: { kind: "epoch-cosine", warmup: 4 } }), 45);
    assert.equal(at(0).rate, 0.005);
  });
  test("has one update an epoch at least", () => {
    const at = buildSchedule(complete({ ...settings, steps: 2, schedule: { kind: "epoch-cosine", warmup: 0 } }), 5);
    assert.ok(Math.abs(at(1).rate - 0.0025) < 1e-15);
  });
});
