import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { tuplePlanner, type TuplePlanOptions } from "../../src/data/tuples/planTuples.js";
import { Pools } from "../../src/data/tuples/pools.js";
import { tupleLoader } from "../../src/data/tuples/tupleLoader.js";
import { stream } from "../../src/tensor/random.js";
import { numberedSet } from "./miniatures.js";

describe("pools", () => {
  it("give what is left, and what was put back", () => {
    const pools = new Pools(Int32Array.of(1, -1, 0, 1, 1), 2);
    const random = stream("pools");
    const drawn = (): string => [...new Set(Array.from({ length: 50 }, () => pools.draw(1, random)))].sort().join();
    assert.deepEqual([pools.size(0), pools.size(1), drawn()], [1, 3, "0,3,4"]);
    for (let twice = 0; twice < 2; twice++) pools.remove(3);
    pools.remove(1); // in no pool
    assert.deepEqual([pools.size(0), pools.size(1), drawn()], [1, 2, "0,4"]);
    pools.remove(0);
    assert.equal(drawn(), "4");
    for (let twice = 0; twice < 2; twice++) pools.restore(3);
    pools.restore(1);
    assert.deepEqual([pools.size(1), drawn()], [2, "3,4"]);
  });
});

describe("tuples", () => {
  const plan = (labels: readonly number[], options: Partial<TuplePlanOptions> = {}) =>
    tuplePlanner({ labels: Int32Array.from(labels), tuple: 3, ...options }, 0);

  it("take classes of one image for negatives only", () => {
    const { images, passes } = plan([0, 0, 1, 2])(5); // 4 images, rounded up to 6
    assert.deepEqual([images.length, passes.length], [6, 2]);
    for (const tuple of [images.subarray(0, 3), images.subarray(3)]) {
      assert.deepEqual([...tuple.subarray(0, 2)].sort(), [0, 1]);
      assert.ok(tuple[2] >= 2);
    }
  });
  it("take all hard negatives where that is sure: those that are taken for the anchor's class", () => {
    // images 4 and 5 of class 1 are taken for class 0, as 0 .. 3 are
    const labels = [0, 0, 0, 0, 1, 1, 2, 3];
    const predictions = { truth: Int32Array.from(labels), predicted: Int32Array.of(0, 0, 0, 0, 0, 0, 2, 3) };
    for (let epoch = 0; epoch < 20; epoch++) {
      const { images } = plan(labels, { tuple: 4, predictions, hard: { recognised: 1, mistaken: 0, mistakenFor: 1 } })(
        epoch,
      );
      const [anchor, positive, ...negatives] = images.subarray(0, 4);
      // an anchor of class 1 is mistaken for class 0
      if (labels[anchor] === 0) assert.deepEqual([labels[positive], ...negatives.sort()], [0, 4, 5]);
      else assert.deepEqual([labels[positive], ...negatives.map((image) => labels[image])], [1, 0, 0]);
    }
  });
  it("refuse what gives no tuple, with the numbers", () => {
    assert.throws(() => plan([0, 1, 2]), /two images of a class, but each of the 3 classes has one image\.$/);
    assert.throws(
      () => plan([0, 0, 1, 1, 2], { tuple: 8 }),
      /a tuple of 8 images shows 7 classes, that of the anchor and 6 others; the set has 3\.$/,
    );
    for (const tuple of [2, 3.5, NaN]) assert.throws(() => plan([0, 0, 1], { tuple }), /3 images; given/);
    assert.throws(() => plan([0, 0, 1], { ranks: 0 }), /ranks, at least 1, given 0/);
    assert.throws(
      () => plan([0, 0, 1], { hard: { mistaken: 1.5 } }),
      /probability mistaken lies in 0 \.\. 1, given 1\.5/,
    );
  });
  it("refuse predictions of another set", () => {
    const predictions = (truth: number[], predicted: number[]) => ({
      predictions: { truth: Int32Array.from(truth), predicted: Int32Array.from(predicted) },
    });
    assert.throws(
      () => plan([0, 0, 1], predictions([0, 0], [0, 0])),
      /the set has 3 images, given are 2 true and 2 predicted classes\.$/,
    );
    assert.throws(() => plan([0, 0, 1], predictions([0, 1, 1], [0, 0, 0])), /image 1 has class 0 here and 1 there\.$/);
    assert.throws(() => plan([0, 0, 1], predictions([0, 0, 1], [0, -1, 0])), /image 1 is taken for -1\.$/);
    // a network may know more classes than the set shows, however many
    for (const other of [7, 2 ** 31 - 1]) {
      assert.equal(plan([0, 0, 1], predictions([0, 0, 1], [0, other, other]))(0).images.length, 3);
    }
    assert.throws(() => plan([0, 0, -1]), /a class is 0 or more, but image 2 has class -1\.$/);
  });
  it("fill batches, and refuse those that they do not fill", () => {
    const set = numberedSet(40); // two images a class
    const options = { set, seed: 0, tuple: 4 };
    assert.equal(tupleLoader({ ...options, batch: 12 }).stepsPerEpoch, 3);
    assert.equal(tupleLoader({ ...options, batch: 12, dropLast: false }).stepsPerEpoch, 4);
    assert.throws(() => tupleLoader({ ...options, batch: 3 }), /a tuple of 4 images is longer than a batch of 3\.$/);
    assert.throws(
      () => tupleLoader({ ...options, batch: 10 }),
      /whole number of tuples of 4 images, given 10 images\.$/,
    );
    assert.throws(() => tupleLoader({ ...options, batch: 12, ranks: 2 }), /of 4 images on each of 2 ranks, given 12/);
    assert.throws(() => tupleLoader({ ...options, batch: 44 }), /larger than the data set \(numbered: 40 images\)/);
  });
});
