/** Voting neighbours: what summing the votes of everything sorted gives, and what votes cannot depend on. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import {
  classesByVote,
  knnClassification,
  type KnnClassificationResult,
} from "../../src/evaluation/knnClassification.js";
import { dot, unitRows, type Labelled } from "../../test/evaluation/embeddings.js";
import { labelledEmbeddings, powersOfTwo, scaleRows } from "../arbitraries/embeddings.js";
import { property } from "../property.js";
import { assertNear, assertNotAbove } from "./assertions.js";

const ks = [1, 2, 3, 5, 12];
const neighbours = 12;

/** The others of each query, nearest first, of equal cosines the lower index first. */
function rankings(set: Labelled): { index: number; cosine: number }[][] {
  const rows = unitRows(set);
  return rows.map((query, q) =>
    rows
      .map((row, index) => ({ index, cosine: dot(query, row) }))
      .filter(({ index }) => index !== q)
      .sort((a, b) => b.cosine - a.cosine || a.index - b.index),
  );
}

const accuracyOf = async (set: Labelled, temperature = 0.07): Promise<KnnClassificationResult["accuracy"]> =>
  (await knnClassification({ ...set, ks, neighbours, temperature })).accuracy;

describe("k-NN classification", () => {
  property(
    "sums softmax weights over the sorted gallery",
    [labelledEmbeddings(), fc.constantFrom(0.07, 1)],
    async (set, temperature) => {
      const sorted = rankings(set).map((ranking) => ranking.slice(0, neighbours));
      const found = await accuracyOf(set, temperature);
      ks.forEach((k, i) => {
        let [top1, top5] = [0, 0];
        sorted.forEach((ranking, q) => {
          const weights = ranking.map(({ cosine }) => Math.exp((cosine - ranking[0].cosine) / temperature));
          const classes = [...new Set(ranking.slice(0, k).map(({ index }) => set.labels[index]))];
          const vote = (label: number): number =>
            weights.reduce((sum, w, i) => sum + (i < k && set.labels[ranking[i].index] === label ? w : 0), 0);
          classes.sort((a, b) => vote(b) - vote(a) || a - b);
          const place = classes.indexOf(set.labels[q]);
          if (place === 0) top1++;
          if (place >= 0 && place < 5) top5++;
        });
        const count = sorted.length;
        assert.deepEqual(found[i], { k, voters: Math.min(k, count - 1), top1: top1 / count, top5: top5 / count });
      });
    },
  );

  property("with one voter takes the label of the nearest image", [labelledEmbeddings()], async (set) => {
    const right = rankings(set).filter(([nearest], q) => set.labels[nearest.index] === set.labels[q]).length;
    assert.equal((await accuracyOf(set))[0].top1, right / set.labels.length);
  });

  property(
    "does not see the lengths of embeddings, and top-1 is at most top-5",
    [labelledEmbeddings().chain((set) => fc.tuple(fc.constant(set), powersOfTwo(set.labels.length)))],
    async ([set, factors]) => {
      const plain = await accuracyOf(set);
      assert.deepEqual(await accuracyOf({ ...set, embeddings: scaleRows(set, factors) }), plain);
      for (const { top1, top5 } of plain) assertNotAbove(top1, top5);
    },
  );

  property(
    "gives all votes to the voters' classes, none to others",
    [fc.array(fc.tuple(fc.nat({ max: 5 }), fc.float({ min: -1, max: 1, noNaN: true })), { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 20 })], // prettier-ignore
    (voters, k) => {
      const sorted = [...voters].sort(([, a], [, b]) => b - a);
      const classes = Int32Array.from(sorted, ([label]) => label);
      const cosines = Float64Array.from(sorted, ([, cosine]) => cosine);
      const named = classesByVote(classes, cosines, k, 0.07);
      assert.deepEqual(new Set(named), new Set(classes.subarray(0, k)));
      assertNear(named.length, new Set(named).size, 0, "classes");
    },
  );
});
