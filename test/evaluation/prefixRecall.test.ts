import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { prefixRecall, subsetRecall } from "../../src/evaluation/prefixRecall.js";
import { recallAtK } from "../../src/evaluation/recall.js";
import { clusters } from "./embeddings.js";

/** The class is in dimension 1 alone; dimension 0 pairs images of different classes. */
const crossed = {
  embeddings: Float64Array.of(1, 9, -1, 9, 1, -9, -1, -9),
  labels: [0, 0, 1, 1],
  embedding: 2,
};

describe("prefixRecall", () => {
  it("is Recall@1 of the first dimensions", async () => {
    assert.deepEqual(await prefixRecall({ ...crossed, widths: [1, 2] }), [
      { width: 1, recall: 0 },
      { width: 2, recall: 1 },
    ]);
  });

  it("is the recall of whole embeddings at full width, with a gallery and without", async () => {
    const set = clusters("prefix", 90, 6, 12, 1.2);
    const gallery = { ...clusters("prefix", 40, 6, 12, 1.2), embedding: undefined };
    for (const options of [set, { ...set, gallery }, { ...set, convention: "normaliseThenSlice" as const }]) {
      const [{ recall }] = await prefixRecall({ ...options, widths: [6] });
      assert.equal(recall, (await recallAtK({ ...options, ks: [1] })).recall[0].recall);
    }
  });

  it("refuses a width that the embedding lacks", async () => {
    await assert.rejects(prefixRecall({ ...crossed, widths: [1, 3] }), /in 1 .. 2 of dimensions can be kept, given 3/);
  });
});

describe("subsetRecall", () => {
  it("meets both dimensions of two, and says mean, least and largest", async () => {
    const [one] = await subsetRecall({ ...crossed, widths: [1], draws: 40, seed: 3 });
    assert.ok(one.draws.every((recall) => recall === 0 || recall === 1)); // dimension 0 or dimension 1
    assert.deepEqual([one.least, one.largest], [0, 1]); // 40 equal draws: once in 2^39
    assert.equal(one.mean, one.draws.filter((recall) => recall === 1).length / 40);
  });

  it("takes the whole embedding when all dimensions are drawn", async () => {
    const set = clusters("subset", 60, 5, 10, 1.2);
    const whole = (await recallAtK({ ...set, ks: [1] })).recall[0].recall;
    const [{ draws }] = await subsetRecall({ ...set, widths: [5], draws: 2, seed: 0 });
    assert.deepEqual(draws, [whole, whole]);
  });

  it("repeats its draws for a seed, whatever else is asked", async () => {
    const set = clusters("subset", 60, 8, 10, 1);
    const [first, second] = await subsetRecall({ ...set, widths: [3, 4], draws: 5, seed: 1 });
    assert.deepEqual((await subsetRecall({ ...set, widths: [4], draws: 5, seed: 1 }))[0], second);
    const [fewer] = await subsetRecall({ ...set, widths: [3], draws: 2, seed: 1 });
    assert.deepEqual(fewer.draws, first.draws.slice(0, 2));
    const [other] = await subsetRecall({ ...set, widths: [3], draws: 5, seed: 2 });
    assert.notDeepEqual(other.draws, first.draws);
  });

  it("says what is wrong with its input", async () => {
    const base = { ...crossed, widths: [1], draws: 1, seed: 0 };
    await assert.rejects(subsetRecall({ ...base, draws: 0 }), /whole number ≥ 1 of draws is needed, given 0/);
    await assert.rejects(subsetRecall({ ...base, widths: [3] }), /whole number in 1 .. 2, given 3/);
  });
});
