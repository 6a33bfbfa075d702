/** One-shot runs: every test image against the training images of its own run, and of no other. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { oneShot, type OneShotOptions } from "../../src/evaluation/oneShot.js";
import { dot, unitRows } from "../../test/evaluation/embeddings.js";
import { powersOfTwo, rowsOf } from "../arbitraries/embeddings.js";
import { property } from "../property.js";

interface Runs extends OneShotOptions {
  readonly embeddings: Float64Array;
  readonly runs: number[];
  readonly isTest: number[];
  readonly classes: number[];
}

/** 1 to 4 runs of 1 to 4 classes, each with one training image and 1 to 5 test images of any of them, all in any order. */
function oneShotRuns(): fc.Arbitrary<Runs> {
  const run = fc
    .integer({ min: 1, max: 4 })
    .chain((ways) =>
      fc.array(fc.nat({ max: ways - 1 }), { minLength: 1, maxLength: 5 }).map((tests) => ({ ways, tests })),
    );
  return fc
    .tuple(fc.array(run, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 4 }))
    .chain(([runs, embedding]) => {
      const images = runs.flatMap(({ ways, tests }, r) => [
        ...Array.from({ length: ways }, (_, way) => ({ run: 10 - r, test: 0, way })),
        ...tests.map((way) => ({ run: 10 - r, test: 1, way })),
      ]);
      const order = fc.shuffledSubarray(images, { minLength: images.length, maxLength: images.length });
      return fc.tuple(order, rowsOf(images.length, embedding)).map(([shuffled, embeddings]) => ({
        embeddings,
        embedding,
        runs: shuffled.map((image) => image.run),
        isTest: shuffled.map((image) => image.test),
        classes: shuffled.map((image) => image.way),
      }));
    });
}

describe("one-shot runs", () => {
  property("give a test image the class of the nearest training image of its run", [oneShotRuns()], (set) => {
    const rows = unitRows({ ...set, labels: Int32Array.from(set.classes) });
    const images = [...rows.keys()];
    const correct = (test: number): boolean => {
      const training = images.filter((i) => set.runs[i] === set.runs[test] && set.isTest[i] === 0);
      const [nearest] = training.sort((a, b) => dot(rows[test], rows[b]) - dot(rows[test], rows[a]) || a - b);
      return set.classes[nearest] === set.classes[test];
    };
    const expected = [...new Set(set.runs)]
      .sort((a, b) => a - b)
      .map((run) => {
        const tests = images.filter((i) => set.runs[i] === run && set.isTest[i] === 1);
        const ways = images.filter((i) => set.runs[i] === run && set.isTest[i] === 0).length;
        return { run, accuracy: tests.filter(correct).length / tests.length, tests: tests.length, ways };
      });
    const result = oneShot(set);
    assert.deepEqual(result.runs, expected);
    assert.equal(result.accuracy, expected.reduce((sum, { accuracy }) => sum + accuracy, 0) / expected.length);
  });

  property(
    "do not see the lengths of the embeddings, nor what lies in another run",
    [oneShotRuns().chain((set) => fc.tuple(fc.constant(set), powersOfTwo(set.runs.length)))],
    ([set, factors]) => {
      const scaled = set.embeddings.map((value, i) => value * factors[Math.floor(i / set.embedding)]);
      assert.deepEqual(oneShot({ ...set, embeddings: scaled }), oneShot(set));
      const lowest = Math.min(...set.runs);
      const turned = set.embeddings.map((value, i) =>
        set.runs[Math.floor(i / set.embedding)] === lowest ? value : -value - 1,
      );
      assert.deepEqual(oneShot({ ...set, embeddings: turned }).runs[0], oneShot(set).runs[0]);
    },
  );

  property("are perfect when test images equal their training image and classes differ", [oneShotRuns()], (set) => {
    // class k at the angle of k radians: four different directions
    const embeddings = Float64Array.from(set.classes.flatMap((way) => [Math.cos(way), Math.sin(way)]));
    assert.equal(oneShot({ ...set, embeddings, embedding: 2 }).accuracy, 1);
  });
});
