import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { errorVersusDiscard, type DiscardOptions } from "../../../src/evaluation/quality/errorVersusDiscard.js";

// Pairs by rising quality: the impostor at 0.2 is a poor comparison, and so is the genuine pair at 0.5.
const problem: DiscardOptions = {
  distances: [0.2, 0.5, 0.1, 0.4, 0.3, 0.6, 0.1, 0.2],
  same: [0, 1, 1, 0, 1, 0, 1, 1],
  quality: [1, 2, 3, 4, 5, 6, 7, 8],
  fmrs: [0.01],
  ratios: [0, 0.125, 0.25, 0.5],
  threshold: "perSubset",
};

describe("errorVersusDiscard", () => {
  it("finds the threshold anew among the pairs that are left", () => {
    const curve = errorVersusDiscard(problem);
    assert.deepEqual(curve.genuine, Int32Array.of(5, 5, 4, 3));
    assert.deepEqual(curve.impostor, Int32Array.of(3, 2, 2, 1));
    // the largest distance that no impostor reaches: 0.1 below 0.2; then 0.3 below 0.4; 0.3 again; below 0.6 still 0.3
    assert.deepEqual(curve.thresholds, [Float64Array.of(0.1, 0.3, 0.3, 0.3)]);
    // all are errors at 0.1, the two at 0.1 being exactly there; then all but 0.1, 0.1 and 0.2
    assert.deepEqual(curve.fnmr, [Float64Array.of(5 / 5, 2 / 5, 1 / 4, 1 / 3)]);
    assert.equal(curve.endsBefore, undefined);
  });

  it("or keeps the one of all pairs", () => {
    const curve = errorVersusDiscard({ ...problem, threshold: "fullSet", fmrs: [0.01, 0.4] });
    // one of three impostors is nearest to 0.4; the most permissive candidate that one passes is 0.3
    assert.deepEqual(curve.thresholds, [new Float64Array(4).fill(0.1), new Float64Array(4).fill(0.3)]);
    assert.deepEqual(curve.fnmr, [Float64Array.of(1, 1, 1, 1), Float64Array.of(2 / 5, 2 / 5, 1 / 4, 1 / 3)]);
  });

  it("drops the pairs with the largest scores first where lower is better", () => {
    const quality = Array.from(problem.quality, (q) => -q);
    assert.deepEqual(errorVersusDiscard({ ...problem, quality, higherIsBetter: false }), errorVersusDiscard(problem));
  });

  it("drops pairs of equal quality in their order, in both orientations", () => {
    for (const higherIsBetter of [true, false]) {
      const tied = errorVersusDiscard({ ...problem, quality: new Float64Array(8), higherIsBetter });
      assert.deepEqual(tied, errorVersusDiscard(problem));
    }
  });

  it("discards 0, 5 … 95 % at three rates unless told otherwise, as floor(i · 0.05 · P)", () => {
    const pairs = 60;
    const numbers = Array.from({ length: pairs }, (_, p) => p);
    const { distances, same } = { distances: numbers, same: numbers.map((p) => p % 2) };
    const curve = errorVersusDiscard({ distances, same, quality: numbers, threshold: "fullSet" });
    assert.deepEqual(curve.fmrs, [1e-2, 1e-3, 1e-4]);
    assert.equal(curve.ratios.length, 20);
    const kept = curve.genuine.map((count, r) => count + curve.impostor[r]);
    // every ratio drops three pairs more
    assert.deepEqual(kept, Int32Array.from({ length: 20 }, (_, i) => 60 - 3 * i)); // prettier-ignore
  });

  it("takes infinite scores", () => {
    const quality = [-Infinity, 2, 3, 4, 5, 6, Infinity, Infinity];
    const distances = [0.2, 0.5, 0.1, 0.4, 0.3, Infinity, 0.1, 0.2];
    assert.deepEqual(errorVersusDiscard({ ...problem, quality, distances }).fnmr, errorVersusDiscard(problem).fnmr);
  });

  it("ends, and says where, before the first ratio that leaves no impostor or no genuine pair", () => {
    for (const threshold of ["perSubset", "fullSet"] as const) {
      const ratios = [0, 0.5, 0.75, 0.9];
      const noImpostor = errorVersusDiscard({ ...problem, threshold, ratios });
      assert.deepEqual([noImpostor.ratios, noImpostor.endsBefore], [Float64Array.of(0, 0.5), 0.75]);
      const noGenuine = errorVersusDiscard({ ...problem, threshold, ratios, same: [1, 1, 1, 1, 1, 0, 0, 0] });
      assert.deepEqual([noGenuine.ratios, noGenuine.endsBefore], [Float64Array.of(0, 0.5), 0.75]);
      assert.equal(noGenuine.fnmr[0].length, 2);
    }
  });

  it("says what is wrong with its input", () => {
    const refused = (more: Partial<DiscardOptions>) => () => errorVersusDiscard({ ...problem, ...more });
    assert.throws(refused({ quality: [1] }), /one entry a pair; given 8, 8 and 1/);
    assert.throws(
      refused({ distances: [0.2, NaN, 0, 0, 0, 0, 0, 0] }),
      /distance must be a number, but that of pair 1/,
    );
    assert.throws(refused({ quality: [1, 2, 3, 4, 5, 6, 7, NaN] }), /that of pair 7 of 8 is NaN/);
    assert.throws(refused({ same: new Uint8Array(8) }), /given 0 genuine and 8 impostor pairs/);
    assert.throws(refused({ same: new Uint8Array(8).fill(1) }), /given 8 genuine and 0 impostor pairs/);
    assert.throws(refused({ distances: [], same: [], quality: [] }), /given 0 genuine and 0 impostor pairs/);
    assert.throws(refused({ fmrs: [] }), /false match rates are needed, given none/);
    assert.throws(refused({ fmrs: [0.1, 2] }), /a false match rate lies in 0 \.\. 1, given 2/);
    for (const ratios of [[], [0.1], [0, 0.5, 0.5], [0, 1], [0, NaN]]) {
      assert.throws(refused({ ratios }), /rise from 0 and stay below 1/);
    }
  });
});
