import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { oneShot, type OneShotOptions } from "../../src/evaluation/oneShot.js";
import { stream } from "../../src/tensor/random.js";
import { dot, tied, unitRows } from "./embeddings.js";

/** `runs` runs of `ways` training and `ways` test images, in shuffled order; rows of −1, 0 and 1, so that cosines tie. */
function sample(
  seed: string,
  runs: number,
  ways: number,
): OneShotOptions & { embeddings: Float64Array; labels: Int32Array } {
  const order = stream(seed).shuffle(Array.from({ length: 2 * runs * ways }, (_, i) => i));
  const set = tied(seed, order.length, 4, 2);
  return {
    ...set,
    runs: order.map((i) => 1 + Math.floor(i / (2 * ways))),
    isTest: order.map((i) => Math.floor(i / ways) % 2),
    classes: order.map((i) => 1 + (i % ways)),
  };
}

describe("oneShot", () => {
  it("gives a test image the class of the nearest training image of its run", () => {
    const set = sample("runs", 5, 7);
    const rows = unitRows({ ...set, embeddings: set.embeddings, labels: set.labels });
    const result = oneShot(set);
    const expected = [1, 2, 3, 4, 5].map((run) => {
      const of = (test: number): number[] =>
        [...rows.keys()].filter((i) => set.runs[i] === run && set.isTest[i] === test);
      const right = of(1).filter((query) => {
        const ranking = of(0).sort((a, b) => dot(rows[query], rows[b]) - dot(rows[query], rows[a]) || a - b);
        return set.classes[ranking[0]] === set.classes[query];
      });
      return { run, accuracy: right.length / 7, tests: 7, ways: 7 };
    });
    assert.deepEqual(result.runs, expected);
    const mean = expected.reduce((sum, { accuracy }) => sum + accuracy, 0) / 5;
    assert.equal(result.accuracy, mean);
    assert.equal(result.zeroEmbeddings, rows.filter((row) => row.every((value) => value === 0)).length);
  });

  it("is right in one of twenty when all embeddings are equal", () => {
    const set = sample("equal", 20, 20);
    const equal = oneShot({ ...set, embeddings: set.embeddings.fill(1) });
    assert.ok(Math.abs(equal.accuracy - 1 / 20) < 1e-15);
    assert.equal(equal.runs.length, 20);
  });

  it("says what is wrong with its input", () => {
    const embeddings = Float32Array.of(1, 2, 3, 4);
    const run = (isTest: number[], classes: number[], rows = embeddings): (() => unknown) => {
      return () => oneShot({ embeddings: rows, embedding: 1, runs: [3, 3, 3, 3], isTest, classes });
    };
    assert.throws(run([0, 0, 1, 1], [1, 1, 1, 1]), /run 3 has 2 training images of 1 classes and 2 test images/);
    assert.throws(run([0, 0, 1, 1], [1, 2, 1, 5]), /image 3 has the class 5/);
    assert.throws(run([0, 0, 0, 0], [1, 2, 3, 4]), /0 test images/);
    assert.throws(run([0, 0, 1], [1, 2, 1, 2]), /isTest: one entry a row is needed; given 3 for 4 rows/);
    assert.throws(run([0, 0, 1, 1], [1, 2, 1, 2], Float32Array.of(1, 2, NaN, 4)), /row 2, dimension 0 is NaN/);
  });
});
