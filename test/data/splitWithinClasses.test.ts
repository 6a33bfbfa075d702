import assert from "node:assert/strict";
import { test } from "node:test";
import { splitTrainValidation, splitWithinClasses } from "../../src/data/splitWithinClasses.js";

test("images of a class are dealt to three parts, each once, another draw for another seed", () => {
  const uneven = Int32Array.from([...Array<number>(11).fill(3), ...Array<number>(3).fill(0), 5, 5]);
  const { train, validation, test: held, leftOut } = splitWithinClasses(uneven, 1);
  const sizes = (part: Int32Array): number[] =>
    [3, 0, 5].map((label) => part.filter((i) => uneven[i] === label).length);
  assert.deepEqual([sizes(train), sizes(validation), sizes(held), leftOut], [[7, 1, 0], [2, 1, 0], [2, 1, 0], 2]); // prettier-ignore
  assert.deepEqual([...train, ...validation, ...held].sort((a, b) => a - b), [...Array(14).keys()]); // prettier-ignore
  assert.deepEqual(splitWithinClasses(uneven, 1).test, held);
  const draws = new Set([1, 2, 3, 4, 5].map((seed) => splitWithinClasses(uneven, seed).test.join()));
  assert.ok(draws.size > 1);
});

const labelsOf = (sizes: readonly number[]): Int32Array =>
  Int32Array.from(sizes.flatMap((size, label) => Array<number>(size).fill(label)));

test("4 to 1: round(n / 5) images of a class validate, classes of one or two give none away", () => {
  const sizes = [1, 2, 3, 4, 5, 7, 8, 12, 13, 100];
  const labels = labelsOf(sizes);
  const { train, validation } = splitTrainValidation(labels, 0);
  const counts = (part: Int32Array): number[] =>
    sizes.map((_, label) => part.filter((i) => labels[i] === label).length);
  assert.deepEqual(counts(validation), [0, 0, 1, 1, 1, 1, 2, 2, 3, 20]);
  assert.deepEqual(counts(train), [1, 2, 2, 3, 4, 6, 6, 10, 10, 80]);
  assert.deepEqual([...train, ...validation].sort((a, b) => a - b), [...labels.keys()]); // prettier-ignore
});

test("one image at least stays in training, however much is given away", () => {
  const labels = labelsOf([1, 2, 10]);
  const { train } = splitTrainValidation(labels, 0, 0.99);
  assert.deepEqual([...train].map((image) => labels[image]), [0, 1, 2]); // prettier-ignore
  assert.equal(splitTrainValidation(labels, 0, 0).validation.length, 0);
  for (const share of [-0.1, 1, NaN]) {
    assert.throws(() => splitTrainValidation(labels, 0, share), /lies in 0 \.\. 1, 1 excluded, given/);
  }
});

test("what becomes of a class depends on the seed and on no other class", () => {
  const alone = Int32Array.from({ length: 20 }, () => 7);
  const among = Int32Array.from([...alone, ...labelsOf([9, 9, 9])]);
  const split = (labels: Int32Array, seed: number): string =>
    splitTrainValidation(labels, seed)
      .validation.filter((image) => image < 20)
      .join();
  assert.equal(split(among, 3), split(alone, 3));
  assert.notEqual(split(alone, 3), split(alone, 4)); // equal by chance once in 4,845 draws; the seeds are fixed
});
