import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { budgetOf, drawCenters, sampleByScores, sampleCenters } from "../../src/pfc/sampleCenters.js";
import { stream, type Random } from "../../src/tensor/random.js";

const ascending = (index: Int32Array): boolean => index.every((value, i) => i === 0 || index[i - 1] < value);

function batch(random: Random, rows: number, classes: number): Int32Array {
  return Int32Array.from({ length: rows }, () => random.integer(classes));
}

/** How often each set of classes was drawn, of `times` draws. */
function frequencies(times: number, draw: () => Int32Array): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i < times; i++) {
    const set = draw().join();
    counts.set(set, (counts.get(set) ?? 0) + 1);
  }
  return counts;
}

describe("sampling class centers", () => {
  test("keeps every class of the batch, repeats none, fills the budget exactly and renumbers the labels", () => {
    const random = stream("test", "laws");
    for (let round = 0; round < 300; round++) {
      const classes = 1 + random.integer(200);
      const labels = batch(random, 1 + random.integer(40), classes);
      const ratio = random.uniform();
      const sample = sampleCenters(labels, classes, ratio, stream("test", "draw", round));
      const positives = new Set(labels).size;
      assert.ok(ascending(sample.index), "ascending and distinct");
      assert.ok(
        sample.index.every((j) => j >= 0 && j < classes),
        "classes",
      );
      assert.equal(sample.index.length, Math.max(positives, Math.trunc(ratio * classes)));
      assert.deepEqual(
        sample.labels.map((position) => sample.index[position]),
        labels,
      );
      assert.equal(sample.positives, positives);
      assert.equal(sample.positives + sample.negatives, sample.index.length);
      assert.equal(sample.overflow, positives > sample.budget);
    }
  });

  test("with ratio 0 takes the classes of the batch and nothing else, and says that the budget is exceeded", () => {
    const sample = sampleCenters(Int32Array.of(7, 2, 7), 10, 0, stream("test"));
    assert.deepEqual(sample.index, Int32Array.of(2, 7));
    assert.deepEqual(sample.labels, Int32Array.of(1, 0, 1));
    assert.deepEqual([sample.budget, sample.negatives, sample.overflow], [0, 0, true]);
  });

  test("with ratio 1 takes all classes, so that labels stay what they are", () => {
    const sample = sampleCenters(Int32Array.of(7, 2, 7), 10, 1, stream("test"));
    assert.deepEqual(
      sample.index,
      Int32Array.from({ length: 10 }, (_, j) => j),
    );
    assert.deepEqual(sample.labels, Int32Array.of(7, 2, 7));
    assert.equal(sample.overflow, false);
  });

  test("with as many classes in the batch as the budget holds there is no negative, and no overflow either", () => {
    const sample = sampleCenters(Int32Array.of(4, 0, 9), 10, 0.3, stream("test"));
    assert.deepEqual(sample.index, Int32Array.of(0, 4, 9));
    assert.deepEqual([sample.negatives, sample.overflow], [0, false]);
  });

  test("keeps all positives when they exceed the budget, and draws no negative", () => {
    const sample = sampleCenters(Int32Array.of(4, 0, 9, 5), 10, 0.2, stream("test"));
    assert.deepEqual(sample.index, Int32Array.of(0, 4, 5, 9));
    assert.deepEqual([sample.budget, sample.negatives, sample.overflow], [2, 0, true]);
  });

  test("cuts the budget off, and does not round it", () => {
    assert.deepEqual(
      [budgetOf(0.1, 29), budgetOf(0.3, 10), budgetOf(0.999, 10), budgetOf(0, 5), budgetOf(1, 5)],
      [2, 3, 9, 0, 5],
    );
  });

  test("asks the random stream for one key, however many classes there are", () => {
    const random = stream("test");
    let asked = 0;
    const counting: Random = { ...random, key: () => (asked++, random.key()) };
    const sample = drawCenters(Int32Array.of(3, 1_000_000), 10_000_000, 1000, counting);
    assert.equal(sample.length, 1000);
    assert.equal(asked, 1);
  });

  test("every set of negatives is equally likely", () => {
    // 4 negatives of 9: 126 sets, 100 draws each. χ² has 125 degrees of freedom: mean 125, deviation √250; bound at 4 deviations.
    const random = stream("test", "uniform");
    const counts = frequencies(12_600, () => drawCenters(Int32Array.of(0, 5, 11), 12, 7, random));
    assert.equal(counts.size, 126);
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0);
    assert.ok(chiSquare < 125 + 4 * Math.sqrt(250), `χ² = ${chiSquare}`);
  });

  test("the fast sampler draws as the definition does", () => {
    // two samples of the same size: χ² = Σ (a − b)²/(a + b), again with 125 degrees of freedom
    const positives = Int32Array.of(0, 5, 11);
    const fast = stream("test", "fast");
    const slow = stream("test", "slow");
    const fastCounts = frequencies(12_600, () => drawCenters(positives, 12, 7, fast));
    const slowCounts = frequencies(12_600, () =>
      sampleByScores(
        Array.from({ length: 12 }, () => slow.uniform()),
        positives,
        7,
      ),
    );
    assert.deepEqual([...fastCounts.keys()].sort(), [...slowCounts.keys()].sort());
    const chiSquare = [...fastCounts].reduce((sum, [set, a]) => {
      const b = slowCounts.get(set) ?? 0;
      return sum + (a - b) ** 2 / (a + b);
    }, 0);
    assert.ok(chiSquare < 125 + 4 * Math.sqrt(250), `χ² = ${chiSquare}`);
  });

  test("is a function of the stream's name", () => {
    const draw = (step: number): Int32Array =>
      sampleCenters(Int32Array.of(1, 2), 1000, 0.1, stream(0, "negatives", step, 0)).index;
    assert.deepEqual(draw(3), draw(3));
    assert.notDeepEqual(draw(3), draw(4));
  });
});

describe("sampling by scores", () => {
  test("keeps the positives and the best scores besides", () => {
    const scores = [0.1, 0.9, 0.3, 0.8, 0.2, 0.7];
    assert.deepEqual(sampleByScores(scores, Int32Array.of(4), 3), Int32Array.of(1, 3, 4));
    assert.deepEqual(sampleByScores(scores, Int32Array.of(0, 2, 4), 2), Int32Array.of(0, 2, 4));
    assert.deepEqual(sampleByScores(scores, Int32Array.of(), 6), Int32Array.of(0, 1, 2, 3, 4, 5));
  });
});

describe("a sample is refused", () => {
  test("when a label is no class", () => {
    assert.throws(() => sampleCenters(Int32Array.of(0, 10), 10, 0.5, stream("test")), /0 to 9.*row 1.*10/);
    assert.throws(() => sampleCenters(Int32Array.of(-1), 10, 0.5, stream("test")), /0 to 9.*row 0.*-1/);
  });

  test("when the ratio is no share", () => {
    for (const ratio of [-0.1, 1.1, Number.NaN]) {
      assert.throws(() => sampleCenters(Int32Array.of(0), 10, ratio, stream("test")), /between 0 and 1/);
    }
  });
});
