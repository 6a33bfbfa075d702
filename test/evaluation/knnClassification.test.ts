import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { classesByVote, knnClassification } from "../../src/evaluation/knnClassification.js";

describe("knnClassification", () => {
  // cosines with (1, 0): 1, .8, .8, 0
  const gallery = { embeddings: Float64Array.of(3, 0, 8, 6, 0.8, -0.6, 0, 1), labels: [5, 2, 2, 9] };
  const query = { embeddings: Float64Array.of(2, 0), labels: [2], embedding: 2, gallery };

  it("sums the votes of a class, which two farther images may win", async () => {
    // temperature 1: class 5 has e^0 = 1, class 2 e^−.2 = .819 a vote
    const { accuracy } = await knnClassification({ ...query, ks: [1, 2, 3, 4], temperature: 1 });
    assert.deepEqual(accuracy, [
      { k: 1, voters: 1, top1: 0, top5: 0 }, // class 2 has no vote
      { k: 2, voters: 2, top1: 0, top5: 1 },
      { k: 3, voters: 3, top1: 1, top5: 1 },
      { k: 4, voters: 4, top1: 1, top5: 1 },
    ]);
  });

  it("weighs near images more at a low temperature", async () => {
    // 2 · e^(−.2/.07) = .115
    assert.equal((await knnClassification({ ...query, ks: [3] })).accuracy[0].top1, 0);
  });

  it("says how many voted where the gallery is smaller than k", async () => {
    const ks = (await knnClassification(query)).accuracy.map(({ k, voters }) => [k, voters]);
    assert.deepEqual(ks, [[10, 4], [20, 4], [100, 4], [200, 4]]); // prettier-ignore
    const { accuracy } = await knnClassification({ ...gallery, embedding: 2, ks: [10] });
    assert.equal(accuracy[0].voters, 3); // an image does not vote for itself
  });

  it("gives equal votes to the lower class, equal cosines to the lower image", async () => {
    const twins = { embeddings: Float64Array.of(8, 6, 0.8, -0.6), labels: [7, 3] };
    const top1 = async (label: number, k: number): Promise<number> =>
      (await knnClassification({ ...query, labels: [label], gallery: twins, ks: [k] })).accuracy[0].top1;
    assert.deepEqual([await top1(7, 1), await top1(3, 1)], [1, 0]);
    assert.deepEqual([await top1(7, 2), await top1(3, 2)], [0, 1]);
  });

  it("counts queries whose class is unknown as wrong", async () => {
    const two = { ...query, embeddings: Float64Array.of(2, 0, 2, 0), labels: [5, 4] };
    assert.equal((await knnClassification({ ...two, ks: [1] })).accuracy[0].top1, 1 / 2);
  });

  it("says what is wrong with its input", async () => {
    await assert.rejects(knnClassification({ ...query, ks: [0] }), /in 1 .. neighbours .* given ks 0, 200 neighbours/);
    await assert.rejects(knnClassification({ ...query, ks: [201] }), /given ks 201, 200 neighbours/);
    await assert.rejects(knnClassification({ ...query, temperature: 0 }), /temperature of 0/);
  });
});

describe("classesByVote", () => {
  it("orders classes by their votes and names none without", () => {
    const classes = Int32Array.of(4, 1, 4, 0, 2);
    // temperature 1 / ln 2: votes 1, 1/2, 1/4, 1/8, 1/8
    const cosines = Float64Array.of(1, 0, -1, -2, -2);
    assert.deepEqual(classesByVote(classes, cosines, 5, 1 / Math.LN2), [4, 1, 0, 2]);
    assert.deepEqual(classesByVote(classes, cosines, 2, 1 / Math.LN2), [4, 1]);
  });
});
