/** Recall@K by counters instead of rankings: what sorting the gallery of every query gives, ties and duplicates included. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { nearestNeighbours } from "../../src/evaluation/nearestNeighbours.js";
import { recallAtK, type RecallResult } from "../../src/evaluation/recall.js";
import { dot, unitRows, type Labelled } from "../../test/evaluation/embeddings.js";
import { largeEmbeddings, powersOfTwo, scaleRows, verifiableEmbeddings } from "../arbitraries/embeddings.js";
import { property } from "../property.js";
import { assertRisingRates } from "./assertions.js";

const ks = [1, 2, 3, 5, 8, 1000];

/** For each query all the others, nearest first, of equal cosines the lower index first. */
function rankings(set: Labelled): { index: number; cosine: number }[][] {
  const rows = unitRows(set);
  return rows.map((query, q) =>
    rows
      .map((row, index) => ({ index, cosine: dot(query, row) }))
      .filter(({ index }) => index !== q)
      .sort((a, b) => b.cosine - a.cosine || a.index - b.index),
  );
}

/** Recall at each of `ks`, the number of queries that can be answered, and rows of zeros. */
function bySorting(set: Labelled): Pick<RecallResult, "recall" | "queries" | "leftOut" | "zeroEmbeddings"> {
  const hits = rankings(set).map((ranking, q) => ranking.map(({ index }) => set.labels[index] === set.labels[q]));
  const answerable = hits.filter((ranking) => ranking.includes(true));
  const recall = ks.map((k) => {
    const found = answerable.filter((ranking) => ranking.slice(0, k).includes(true)).length;
    return { k, recall: found / answerable.length };
  });
  const zeroEmbeddings = unitRows(set).filter((row) => row.every((value) => value === 0)).length;
  return { recall, queries: answerable.length, leftOut: hits.length - answerable.length, zeroEmbeddings };
}

async function measured(set: Labelled): Promise<ReturnType<typeof bySorting>> {
  const { recall, queries, leftOut, zeroEmbeddings } = await recallAtK({ ...set, ks });
  return { recall, queries, leftOut, zeroEmbeddings };
}

describe("Recall@K", () => {
  property("is what sorting the gallery of every query gives", [verifiableEmbeddings()], async (set) => {
    assert.deepEqual(await measured(set), bySorting(set));
  });

  property(
    "is that also across tiles",
    [largeEmbeddings(90, 230)],
    async (set) => assert.deepEqual(await measured(set), bySorting(set)),
    { runs: 20 },
  );

  property("rises with K, and is 1 when K takes the whole gallery", [verifiableEmbeddings()], async (set) => {
    const others = set.labels.length - 1;
    const every = Array.from({ length: others + 2 }, (_, i) => i + 1);
    const recall = (await recallAtK({ ...set, ks: every })).recall.map((entry) => entry.recall);
    assertRisingRates(recall, "recall");
    assert.deepEqual(recall.slice(others - 1), [1, 1, 1]);
  });

  property(
    "does not see the lengths of the embeddings, nor how classes are called",
    [verifiableEmbeddings().chain((set) => fc.tuple(fc.constant(set), powersOfTwo(set.labels.length)))],
    async ([set, factors]) => {
      const changed = { ...set, embeddings: scaleRows(set, factors), labels: set.labels.map((label) => 7 - 3 * label) };
      assert.deepEqual(await measured(changed), await measured(set));
    },
  );

  property(
    "is the same from whole rows of similarities, in one band or several",
    // quarters from −1 to 1: exact in float32, and mostly ties
    [verifiableEmbeddings({ maxCount: 20 }), fc.integer({ min: 1, max: 15 }), fc.integer()],
    async (set, copies, seed) => {
      const labels = Array.from({ length: copies }, () => Array.from(set.labels)).flat();
      const count = labels.length;
      const similarity = (i: number, j: number): number => ((Math.imul(i + seed, j + 7) >>> 3) % 9) / 4 - 1;
      const similarityBlock = (start: number, end: number): Float32Array =>
        Float32Array.from({ length: (end - start) * count }, (_, at) =>
          similarity(start + Math.floor(at / count), at % count),
        );
      const result = await recallAtK({
        embeddings: new Float64Array(count),
        embedding: 1,
        labels,
        ks,
        rowProduct: () => similarityBlock,
      });
      const hits = labels.map((label, q) =>
        [...labels.keys()]
          .filter((index) => index !== q)
          .sort((a, b) => similarity(q, b) - similarity(q, a) || a - b)
          .map((index) => labels[index] === label),
      );
      const answerable = hits.filter((ranking) => ranking.includes(true));
      const recall = ks.map((k) => ({
        k,
        recall: answerable.filter((hit) => hit.slice(0, k).includes(true)).length / answerable.length,
      }));
      assert.deepEqual(result.recall, recall);
    },
    { runs: 40 },
  );
});

describe("nearest neighbours", () => {
  property(
    "are the head of the sorted gallery",
    [verifiableEmbeddings(), fc.integer({ min: 1, max: 16 })],
    (set, neighbours) => {
      const queries = [...set.labels.keys()].reverse();
      const expected = rankings(set);
      assert.deepEqual(
        nearestNeighbours({ ...set, queries, neighbours }),
        queries.map((query) => ({ query, nearest: expected[query].slice(0, neighbours) })),
      );
    },
  );
});
