import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { recallAtK } from "../../src/evaluation/recall.js";
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

function given(set: Labelled): (start: number, end: number) => Float32Array {
  const rows = unitRows(set);
  return (start, end) =>
    Float32Array.from(rows.slice(start, end).flatMap((query) => rows.map((row) => dot(query, row))));
}

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

  it("gives the same from similarities computed elsewhere", async () => {
    const set = clusters("given", 301, 9, 60, 1.2);
    assert.deepEqual((await recallAtK({ ...set, ks, similarityBlock: given(set) })).recall, bruteForce(set).recall);
    const later = async (start: number, end: number): Promise<Float32Array> => given(set)(start, end);
    assert.deepEqual((await recallAtK({ ...set, ks, similarityBlock: later })).recall, bruteForce(set).recall);
    const ties = tied("given", 110, 1, 40); // cosines −1, 0, 1: exact in float32
    assert.deepEqual((await recallAtK({ ...ties, ks, similarityBlock: given(ties) })).recall, bruteForce(ties).recall);
  });

  it("returns the neighbours of the first images", async () => {
    const set = clusters("strip", 50, 5, 10, 1);
    const { examples } = await recallAtK({ ...set, ks: [1], examples: { queries: 3, neighbours: 4 } });
    const expected = rankings(set);
    assert.deepEqual(examples, [0, 1, 2].map((query) => ({ query, nearest: expected[query].slice(0, 4) }))); // prettier-ignore
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

  it("says what is wrong with its input", async () => {
    const embeddings = Float32Array.of(1, 2, 3, 4);
    const base = { embeddings, embedding: 2, labels: [0, 0], ks: [1] };
    await assert.rejects(recallAtK({ ...base, labels: [0, 1] }), /2 images have 2 classes/);
    await assert.rejects(recallAtK({ ...base, ks: [1, 0] }), /whole number ≥ 1, given 1, 0/);
    await assert.rejects(recallAtK({ ...base, labels: [0] }), /given 1 for 2 rows/);
    await assert.rejects(
      recallAtK({ ...base, embeddings: Float32Array.of(1, NaN, 3, 4) }),
      /row 0, dimension 1 is NaN/,
    );
    const short = (): Float32Array => new Float32Array(3);
    await assert.rejects(
      recallAtK({ ...base, similarityBlock: short }),
      /0 .. 1 against 2 images are 4 numbers, given 3/,
    );
    const broken = (): Float32Array => Float32Array.of(1, 0, NaN, 1);
    await assert.rejects(recallAtK({ ...base, similarityBlock: broken }), /query 1 and image 0 is NaN/);
  });
});
