/** What a sample of class centers always holds, whatever chance says (Partial FC: positives and a random subset of negatives). */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { drawCenters, sampleByScores, sampleCenters } from "../../src/pfc/sampleCenters.js";
import { drawDistinct, stream } from "../../src/tensor/random.js";
import { countingStream } from "../arbitraries/countingStream.js";
import { sampledBatches, type SampledBatch } from "../arbitraries/samples.js";
import { property } from "../property.js";

function distinct(labels: readonly number[]): Int32Array {
  return Int32Array.from(new Set(labels)).sort();
}

function draw({ classes, labels, ratio, seed }: SampledBatch) {
  return sampleCenters(Int32Array.from(labels), classes, ratio, stream(seed, "negatives"));
}

function isAscending(index: Int32Array, classes: number): boolean {
  return index.every((j, i) => j >= 0 && j < classes && (i === 0 || index[i - 1] < j));
}

describe("a sample of class centers", () => {
  property(
    "holds every class of the batch, repeats none, and stands in ascending order",
    [sampledBatches()],
    (batch) => {
      const { index } = draw(batch);
      assert.ok(isAscending(index, batch.classes), index.join());
      for (const label of batch.labels) assert.ok(index.includes(label), `class ${label} is missing`);
    },
    { runs: 1000 },
  );

  property(
    "has max(trunc(r·C), positives) members, and counts them right",
    [sampledBatches()],
    (batch) => {
      const sample = draw(batch);
      const positives = new Set(batch.labels).size;
      const budget = Math.trunc(batch.ratio * batch.classes);
      assert.equal(sample.index.length, Math.max(budget, positives));
      assert.deepEqual(
        { positives: sample.positives, negatives: sample.negatives, budget: sample.budget, overflow: sample.overflow },
        { positives, negatives: Math.max(0, budget - positives), budget, overflow: positives > budget },
      );
    },
    { runs: 1000 },
  );

  property(
    "renumbers labels so that they point at their class: a bijection of the batch's classes onto their places",
    [sampledBatches()],
    (batch) => {
      const { index, labels } = draw(batch);
      assert.deepEqual(
        Array.from(labels, (place) => index[place]),
        batch.labels,
      );
      assert.equal(new Set(labels).size, new Set(batch.labels).size);
    },
    { runs: 1000 },
  );

  property("with r = 1 is all classes, and labels stay what they are", [sampledBatches()], (batch) => {
    const { index, labels } = draw({ ...batch, ratio: 1 });
    assert.deepEqual(
      Array.from(index),
      Array.from({ length: batch.classes }, (_, j) => j),
    );
    assert.deepEqual(Array.from(labels), batch.labels);
  });

  property(
    "is the positives alone, and asks nothing of the stream, when they reach the budget",
    [sampledBatches()],
    (batch) => {
      const positives = distinct(batch.labels);
      const { random, asked } = countingStream(batch.seed);
      // equal to the budget, and above it by any amount
      for (const budget of [positives.length, positives.length - 1, 0]) {
        assert.deepEqual(drawCenters(positives, batch.classes, budget, random), positives);
        const scores = Array.from({ length: batch.classes }, (_, j) => ((j * 37) % 11) / 11);
        assert.deepEqual(
          sampleByScores(scores, positives, budget),
          positives,
          "by the definition, for whatever scores",
        );
      }
      assert.equal(asked(), 0);
    },
  );

  property(
    "is a function of the batch and the stream's name, and differs between names",
    [fc.integer(), fc.nat({ max: 1000 })],
    (seed, step) => {
      // 100 of 100,000: two streams agree with a probability below 1e-200
      const at = (number: number) => sampleCenters(Int32Array.of(5), 100_000, 1e-3, stream(seed, "negatives", number));
      assert.deepEqual(at(step), at(step));
      assert.notDeepEqual(at(step).index, at(step + 1).index);
    },
  );
});

describe("the cost of a sample", () => {
  property(
    "is one key of the stream, however many negatives, up to a billion classes",
    [
      fc.constantFrom(1e3, 1e6, 1e9),
      fc.array(fc.nat({ max: 999 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 0, max: 100 }),
      fc.noShrink(fc.integer()), // of two seeds neither is simpler
    ],
    (classes, places, negatives, seed) => {
      // positives all over the range, the first and the last class among them
      const positives = distinct([0, classes - 1, ...places.map((place) => Math.floor((place / 999) * (classes - 1)))]);
      const { random, asked } = countingStream(seed);
      const index = drawCenters(positives, classes, positives.length + negatives, random);
      assert.equal(asked(), Math.min(negatives, 1));
      assert.equal(index.length, positives.length + negatives);
      assert.ok(isAscending(index, classes), "ascending, distinct classes");
      assert.ok(
        positives.every((positive) => index.includes(positive)),
        "all positives",
      );
    },
    { runs: 200 },
  );
});

describe("drawing distinct numbers", () => {
  property(
    "gives as many as asked for, all in range, from one key",
    [fc.integer({ min: 0, max: 60 }), fc.constantFrom(0, 1, 7, 1e9), fc.integer()],
    (count, spare, seed) => {
      const { random, asked } = countingStream(seed);
      const bound = count + spare; // none to spare: all of them
      const numbers = [...drawDistinct(count, bound, random)];
      assert.equal(numbers.length, count);
      const inRange = numbers.every((number) => Number.isInteger(number) && number >= 0 && number < bound);
      assert.ok(inRange, numbers.join());
      assert.equal(asked(), Math.min(count, spare, 1)); // of all numbers there is nothing to draw
    },
    { runs: 300 },
  );
});

describe("sampling by scores, the definition", () => {
  property(
    "keeps the positives and, of the others, those with the highest scores; of equal scores the lower class",
    [
      sampledBatches(30).chain((batch) =>
        fc.record({
          batch: fc.constant(batch),
          // tenths: ties are common
          scores: fc.array(
            fc.nat({ max: 9 }).map((tenth) => tenth / 10),
            { minLength: batch.classes, maxLength: batch.classes },
          ),
        }),
      ),
    ],
    ({ batch, scores }) => {
      const positives = distinct(batch.labels);
      const budget = Math.trunc(batch.ratio * batch.classes);
      const sample = sampleByScores(scores, positives, budget);
      assert.ok(isAscending(sample, batch.classes), sample.join());
      assert.equal(sample.length, Math.max(budget, positives.length));
      const isIn = new Set(sample);
      for (const label of positives) assert.ok(isIn.has(label), `class ${label} is missing`);
      const negatives = scores.map((_, j) => j).filter((j) => !positives.includes(j));
      for (const inside of negatives.filter((j) => isIn.has(j))) {
        for (const outside of negatives.filter((j) => !isIn.has(j))) {
          const better = scores[inside] > scores[outside] || (scores[inside] === scores[outside] && inside < outside);
          assert.ok(better, `${inside} was taken before ${outside}`);
        }
      }
    },
    { runs: 300 },
  );
});
