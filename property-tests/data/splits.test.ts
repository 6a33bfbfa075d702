/** Splits within classes: every image is in one part, 4 to 1 in every class, as a function of (seed, class). */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { splitTrainValidation } from "../../src/data/splitWithinClasses.js";
import { seeds } from "../arbitraries/numbers.js";
import { property } from "../property.js";

const labelLists = fc
  .array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 60 })
  .map((labels) => Int32Array.from(labels));

describe("a split into training and validation", () => {
  property(
    "deals every image out once, a fifth of each class to validation, one image at least to training",
    [labelLists, seeds()],
    (labels, seed) => {
      const { train, validation } = splitTrainValidation(labels, seed);
      assert.deepEqual([...train, ...validation].sort((a, b) => a - b), [...labels.keys()]); // prettier-ignore
      for (const label of new Set(labels)) {
        const [kept, given] = [train, validation].map((part) => part.filter((image) => labels[image] === label).length);
        assert.ok(kept >= 1 && Math.abs(5 * given - (kept + given)) <= 2.5, `class ${label}: ${kept} and ${given}`);
      }
    },
  );

  property("does with a class what it does with it alone", [labelLists, seeds()], (labels, seed) => {
    const { validation } = splitTrainValidation(labels, seed);
    for (const label of new Set(labels)) {
      const images = Int32Array.from(labels.keys()).filter((image) => labels[image] === label);
      const alone = splitTrainValidation(new Int32Array(images.length).fill(label), seed).validation;
      assert.deepEqual(Array.from(alone, (place) => images[place]), [...validation].filter((image) => labels[image] === label)); // prettier-ignore
    }
  });
});
