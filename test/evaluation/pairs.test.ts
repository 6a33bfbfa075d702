import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { randomPairs } from "../../src/evaluation/pairs.js";
import { stream } from "../../src/tensor/random.js";

const labels = [5, 1, 5, 5, 1, 9, 2, 2]; // class 5: 3 pairs, 1: 1, 2: 1, 9: none → 5 genuine, 28 − 5 = 23 impostor

describe("randomPairs", () => {
  it("gives genuine and impostor pairs in turn, none twice, none of an image with itself", () => {
    const many = Int32Array.from({ length: 300 }, (_, i) => (i * i) % 37);
    const { first, second, same } = randomPairs(many, 1000, stream("pairs", 1));
    const seen = new Set<string>();
    for (let p = 0; p < 1000; p++) {
      assert.equal(same[p], p % 2 === 0 ? 1 : 0);
      assert.equal(many[first[p]] === many[second[p]], same[p] === 1);
      assert.ok(first[p] < second[p] && second[p] < 300);
      seen.add(`${first[p]} ${second[p]}`);
    }
    assert.equal(seen.size, 1000);
  });

  it("finds every genuine pair when all of them are asked for", () => {
    const { first, second, same } = randomPairs(labels, 10, stream("pairs", 2));
    const genuine = [...first.keys()].filter((p) => same[p] === 1).map((p) => `${first[p]}-${second[p]}`);
    assert.deepEqual(genuine.sort(), ["0-2", "0-3", "1-4", "2-3", "6-7"]);
  });

  it("draws every genuine and every impostor pair equally often", () => {
    const random = stream("pairs", 3);
    const counts = new Map<string, number>();
    const rounds = 4600;
    for (let round = 0; round < rounds; round++) {
      const { first, second } = randomPairs(labels, 2, random);
      for (let p = 0; p < 2; p++) {
        const pair = `${first[p]}-${second[p]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    assert.equal(counts.size, 28);
    for (const [pair, count] of counts) {
      const [i, j] = pair.split("-").map(Number);
      const share = labels[i] === labels[j] ? 1 / 5 : 1 / 23;
      // binomial: five standard deviations, and the stream is fixed
      assert.ok(Math.abs(count - rounds * share) < 5 * Math.sqrt(rounds * share * (1 - share)), `${pair}: ${count}`);
    }
  });

  it("is a function of the random stream alone", () => {
    const draw = (seed: number): unknown => randomPairs(labels, 6, stream("pairs", seed));
    assert.deepEqual(draw(0), draw(0));
    assert.notDeepEqual(draw(0), draw(1));
  });

  it("refuses what the labels cannot give", () => {
    assert.throws(
      () => randomPairs(labels, 12, stream(0)),
      /need 6 genuine ones, but 8 images of 4 classes form only 5/,
    );
    assert.throws(
      () => randomPairs([1, 1, 1], 2, stream(0)),
      /need 1 impostor ones, but 3 images of 1 classes form only 0/,
    );
    assert.throws(() => randomPairs(labels, 3, stream(0)), /even and at least 2; given 3/);
    assert.throws(() => randomPairs([0, 0.5, 1], 2, stream(0)), /entry 1 is 0.5/);
  });
});
