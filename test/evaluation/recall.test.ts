import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { recallAtK } from "../../src/evaluation/recall.js";
import type { RowProduct } from "../../src/evaluation/similarityBands.js";
import { clusters, dot, tied, unitRows, type Labelled } from "./embeddings.js";

const ks = [1, 2, 5, 20];

/** Every query sorts the whole gallery. */
function rankings(set: Labelled): { index: number; cosine: number }[][] {
  const rows = unitRows(set);
  return rows.map((query, q) =>
    rows
      .map((row, index) => ({ index, cosine: dot(query, row) }))
      .filter(({ index }) => index !== q)
      .sort((a, b) => b.cosine - a.cosine || a.index - b.index),
  );
}

function bruteForce(set: Labelled): { recall: { k: number; recall: number }[]; queries: number } {
  const answerable = [...set.labels.keys()].filter((q) =>
    set.labels.some((label, i) => i !== q && label === set.labels[q]),
  );
  const ranking = rankings(set);
  const recall = ks.map((k) => {
    const hits = answerable.filter((q) =>
      ranking[q].slice(0, k).some(({ index }) => set.labels[index] === set.labels[q]),
    );
    return { k, recall: hits.length / answerable.length };
  });
  return { recall, queries: answerable.length };
}

const float32Products: RowProduct = (queries, gallery, width) => {
  const count = gallery.length / width;
  return (start, end) =>
    Float32Array.from({ length: (end - start) * count }, (_, at) => {
      const [query, image] = [(start + Math.floor(at / count)) * width, (at % count) * width];
      return dot([...queries.subarray(query, query + width)], [...gallery.subarray(image, image + width)]);
    });
};

describe("recallAtK", () => {
  it("agrees with sorting the gallery of every query", async () => {
    for (const [count, classes, noise] of [
      [6, 3, 0.5],
      [97, 30, 1],
      [203, 80, 1.5], // classes of one image occur
      [300, 12, 2],
    ]) {
      const set = clusters(`recall ${count}`, count, 9, classes, noise);
      const expected = bruteForce(set);
      const { recall, queries, leftOut } = await recallAtK({ ...set, ks });
      assert.deepEqual({ recall, queries }, expected);
      assert.equal(queries + leftOut, count);
    }
  });

  it("gives the lower index the better place among equal cosines", async () => {
    for (const seed of ["a", "b", "c"]) {
      // Two dimensions of −1, 0, 1: nine different rows, zeros among them
      const set = tied(seed, 110, 2, 40);
      const { recall } = await recallAtK({ ...set, ks });
      assert.deepEqual(recall, bruteForce(set).recall);
    }
  });

  it("finds the first image of each class's neighbours only, when all embeddings are equal", async () => {
    const set = { embeddings: new Float64Array(12).fill(0.7), embedding: 2, labels: Int32Array.of(0, 1, 0, 1, 1, 2) };
    // Every query ranks the others by index. Query 0: 1 2 … → class 0 at rank 2; 1: 0 2 3 → 3; 2: 0 → 1; 3, 4: 0 1 → 2; 5 is alone.
    const { recall, leftOut } = await recallAtK({ ...set, ks: [1, 2, 3] });
    assert.deepEqual(recall.map((entry) => entry.recall), [1 / 5, 4 / 5, 1]); // prettier-ignore
    assert.equal(leftOut, 1);
  });

  it("gives the same from products computed elsewhere", async () => {
    const set = clusters("given", 301, 9, 60, 1.2);
    assert.deepEqual((await recallAtK({ ...set, ks, rowProduct: float32Products })).recall, bruteForce(set).recall);
    const later: RowProduct = (...sides) => {
      const block = float32Products(...sides);
      return async (start, end) => block(start, end);
    };
    assert.deepEqual((await recallAtK({ ...set, ks, rowProduct: later })).recall, bruteForce(set).recall);
    const ties = tied("given", 110, 1, 40); // cosines −1, 0, 1: exact in float32
    assert.deepEqual((await recallAtK({ ...ties, ks, rowProduct: float32Products })).recall, bruteForce(ties).recall);
  });

  it("leaves a query out of its gallery by its number, or drops whatever comes first", async () => {
    const set = {
      embeddings: Float64Array.of(1, 0, 1, 0, 0.8, 0.6, 0, 1),
      embedding: 2,
      labels: [0, 1, 0, 1],
      ks: [1, 2, 3],
    };
    const recall = async (exclude: "index" | "nearest"): Promise<number[]> =>
      (await recallAtK({ ...set, exclude })).recall.map((entry) => entry.recall);
    // others by cosine: 0: 1 2 3, 1: 0 2 3, 2: 0 1 3, 3: 2 0 1; the first of the own class at rank 2, 3, 1, 3
    assert.deepEqual(await recall("index"), [1 / 4, 2 / 4, 1]);
    // all: 0 1 2 3 twice, 2 0 1 3, 3 2 0 1; without the first, image 1 finds itself, because 0 is equal to it
    assert.deepEqual(await recall("nearest"), [2 / 4, 3 / 4, 1]);
  });

  it("asks a gallery of other images", async () => {
    const gallery = { embeddings: Float64Array.of(1, 0, 0, 1, -1, 0), labels: [7, 8, 9] };
    // nearest first: (3, 1): 0 1 2; (−1, 2): 1 2 0; the third has no image of its class
    const queries = { embeddings: Float64Array.of(3, 1, -1, 2, 1, 1), labels: [7, 9, 5], embedding: 2, ks: [1, 2] };
    const found = await recallAtK({ ...queries, gallery });
    assert.deepEqual(found.recall, [{ k: 1, recall: 1 / 2 }, { k: 2, recall: 1 }]); // prettier-ignore
    assert.deepEqual([found.queries, found.leftOut], [2, 1]);
    const missed = await recallAtK({ ...queries, gallery, unanswerable: "missed" });
    assert.deepEqual(missed.recall, [{ k: 1, recall: 1 / 3 }, { k: 2, recall: 2 / 3 }]); // prettier-ignore
    assert.deepEqual([missed.queries, missed.leftOut], [3, 0]);
  });

  it("ranks by distance what was cut after normalising, so that the lengths of what is left count", async () => {
    // cut to one dimension: 1 and 3/5 in the gallery, 1/√10 the query; normalised again all would be 1, and the first would win
    const gallery = { embeddings: Float64Array.of(2, 0, 3, 4), labels: [1, 2] };
    const query = { embeddings: Float64Array.of(1, 3), labels: [2], embedding: 2, dimensions: 1, ks: [1] };
    const under = async (convention: "sliceThenNormalise" | "normaliseThenSlice"): Promise<number> =>
      (await recallAtK({ ...query, gallery, convention })).recall[0].recall;
    assert.equal(await under("normaliseThenSlice"), 1);
    assert.equal(await under("sliceThenNormalise"), 0);
  });

  it("gives a query that cannot be answered a miss, unless it finds itself behind an equal image", async () => {
    const twins = { embeddings: Float64Array.of(1, 0, 1, 0), labels: [1, 2], embedding: 2, ks: [1] };
    const recall = async (exclude: "index" | "nearest"): Promise<number> =>
      (await recallAtK({ ...twins, exclude, unanswerable: "missed" })).recall[0].recall;
    assert.equal(await recall("index"), 0);
    assert.equal(await recall("nearest"), 1 / 2);
  });

  it("counts embeddings of zeros and takes Ks beyond the gallery", async () => {
    const set = { embeddings: Float32Array.of(0, 0, 1, 0, 1, 1, 0, 2), embedding: 2, labels: [0, 1, 0, 1] };
    const { zeroEmbeddings, recall } = await recallAtK({ ...set, ks: [100] });
    assert.equal(zeroEmbeddings, 1);
    assert.deepEqual(recall, [{ k: 100, recall: 1 }]);
  });

  it("is perfect when there is one class only", async () => {
    const set = clusters("one", 20, 4, 1, 1);
    assert.deepEqual((await recallAtK({ ...set, ks: [1] })).recall, [{ k: 1, recall: 1 }]);
  });

  it("gives equally near images to the lower index, or to the query", async () => {
    const gallery = { embeddings: Float64Array.of(1, 0, 2, 0, 0, 1), labels: [7, 1, 7] };
    const asking = { embeddings: Float64Array.of(3, 0), labels: [1], embedding: 2, gallery, ks: [1, 2] };
    assert.deepEqual((await recallAtK(asking)).recall.map(({ recall }) => recall), [0, 1]); // prettier-ignore
    const favourable = await recallAtK({ ...asking, ties: "favourable" });
    assert.deepEqual(favourable.recall.map(({ recall }) => recall), [1, 1]); // prettier-ignore
    const self = { embeddings: Float64Array.of(1, 1, 1, 1), labels: [0, 1, 0, 1], embedding: 1, ks: [1] };
    assert.equal((await recallAtK(self)).recall[0].recall, 1 / 4); // 1 and 3 find 0, 0 finds 1, 2 finds 0
    assert.equal((await recallAtK({ ...self, ties: "favourable" })).recall[0].recall, 1);
  });

  it("says what is wrong with its input", async () => {
    const embeddings = Float32Array.of(1, 2, 3, 4);
    const base = { embeddings, embedding: 2, labels: [0, 0], ks: [1] };
    await assert.rejects(recallAtK({ ...base, labels: [0, 1] }), /2 queries find none among 2 images of 2 classes/);
    await assert.rejects(recallAtK({ ...base, ks: [1, 0] }), /whole number ≥ 1, given 1, 0/);
    await assert.rejects(recallAtK({ ...base, labels: [0] }), /given 1 for 2 rows/);
    await assert.rejects(
      recallAtK({ ...base, embeddings: Float32Array.of(1, NaN, 3, 4) }),
      /row 0, dimension 1 is NaN/,
    );
    const gallery = { embeddings, labels: [0, 0] };
    await assert.rejects(recallAtK({ ...base, gallery, exclude: "nearest" }), /not among a gallery's images/);
    await assert.rejects(recallAtK({ ...base, exclude: "nearest", ties: "favourable" }), /"favourable" has no order/);
    await assert.rejects(
      recallAtK({ ...base, gallery: { ...gallery, labels: [1, 1] } }),
      /2 queries find none among 2 images of 1 classes/,
    );
    await assert.rejects(
      recallAtK({ ...base, gallery: { ...gallery, embeddings: new Float32Array(0) } }),
      /given 0 numbers/,
    );
    await assert.rejects(
      recallAtK({ ...base, embeddings: Float32Array.of(1, 2), labels: [0] }),
      /alone in its gallery/,
    );
    await assert.rejects(recallAtK({ ...base, dimensions: 3 }), /in 1 .. 2 of dimensions can be kept, given 3/);
    const short = () => (): Float32Array => new Float32Array(3);
    await assert.rejects(recallAtK({ ...base, rowProduct: short }), /0 .. 1 against 2 images are 4 numbers, given 3/);
    const broken = () => (): Float32Array => Float32Array.of(1, 0, NaN, 1);
    await assert.rejects(recallAtK({ ...base, rowProduct: broken }), /query 1 and image 0 is NaN/);
  });
});
