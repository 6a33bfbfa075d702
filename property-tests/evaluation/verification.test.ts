/** K-fold verification: what it must not see, and a second computation that tries every threshold on every pair. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { pairDistances, verification, type VerificationResult } from "../../src/evaluation/verification.js";
import type { Pairs } from "../../src/evaluation/pairs.js";
import { unitRows, type Labelled } from "../../test/evaluation/embeddings.js";
import { labelledEmbeddings, powersOfTwo, scaleRows } from "../arbitraries/embeddings.js";
import { pairsOf } from "../arbitraries/scores.js";
import { property } from "../property.js";
import { assertNear, assertRisingRates } from "./assertions.js";
import { evenly } from "../arbitraries/numbers.js";

interface Verifiable {
  readonly set: Labelled;
  readonly pairs: Pairs;
  readonly folds: number;
}

/** Small embeddings, 2 to 30 pairs of them, 2 to 10 folds. */
function verifiable(): fc.Arbitrary<Verifiable> {
  return fc.tuple(labelledEmbeddings(), fc.integer({ min: 2, max: 30 })).chain(([set, count]) =>
    fc.record({
      set: fc.constant(set),
      pairs: pairsOf(set.labels.length, count),
      folds: fc.integer({ min: 2, max: Math.min(10, count) }),
    }),
  );
}

function verify({ set, pairs, folds }: Verifiable): VerificationResult {
  return verification({ ...set, pairs, folds });
}

/** x ↦ x − 2 v ⟨v, x⟩ / ⟨v, v⟩ for each v in turn: a rotation, or a rotation and a reflection. */
function reflect(x: readonly number[], mirrors: readonly (readonly number[])[]): number[] {
  return mirrors.reduce<number[]>(
    (y, v) => {
      const along = v.reduce((sum, value, e) => sum + value * y[e], 0);
      const square = v.reduce((sum, value) => sum + value * value, 0);
      return y.map((value, e) => value - (2 * v[e] * along) / square);
    },
    [...x],
  );
}

/**
 * Turns of the plane by multiples of 0.37: squared distances 2 − 2 cos(0.37 k), |k| ≤ 20, of which none but 0 lies within 1e-6 of a multiple of
 * 0.01, so that rounding cannot carry a pair over a threshold.
 */
const steps = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 4, maxLength: 8 });

/** Mirrors of three dimensions, with lengths far from 0. */
const mirrors = fc.array(fc.tuple(evenly(0.5, 1), evenly(-1, 1), evenly(-1, 1)), { minLength: 1, maxLength: 4 });

describe("K-fold verification", () => {
  property("is what trying every threshold on every pair gives", [verifiable()], (input) => {
    const { set, pairs, folds } = input;
    const rows = unitRows(set);
    const count = pairs.same.length;
    const distances = Array.from(pairs.first, (first, p) =>
      rows[first].reduce((sum, value, e) => sum + (value - rows[pairs.second[p]][e]) ** 2, 0),
    );
    const right = (p: number, threshold: number): boolean => distances[p] < threshold === (pairs.same[p] === 1);
    // scikit-learn's KFold, by filling folds in turn: sizes first
    const sizes = Array.from({ length: folds }, (_, k) => Math.ceil((count - k) / folds));
    const foldOf = sizes.flatMap((size, k) => Array.from({ length: size }, () => k));
    const result = verify(input);
    const accuracies = sizes.map((size, k) => {
      const others = foldOf.flatMap((fold, p) => (fold === k ? [] : [p]));
      const scores = Array.from({ length: 400 }, (_, t) => others.filter((p) => right(p, t * 0.01)).length);
      const threshold = scores.indexOf(Math.max(...scores)) * 0.01;
      const members = foldOf.flatMap((fold, p) => (fold === k ? [p] : []));
      assert.equal(result.folds[k].threshold, threshold);
      assert.equal(result.folds[k].accuracy, members.filter((p) => right(p, threshold)).length / size);
      return result.folds[k].accuracy;
    });
    assert.equal(result.accuracy, accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / folds);
    assertRisingRates([result.accuracy], "accuracy");
  });

  property("has rates that rise with the threshold, in the mean and in each fold", [verifiable()], (input) => {
    const result = verify(input);
    for (const { trueAccept, falseAccept } of [result, ...result.folds]) {
      for (const rates of [trueAccept, falseAccept]) {
        assertRisingRates(rates);
      }
    }
  });

  property(
    "does not see the length of an embedding",
    [verifiable().chain((input) => fc.tuple(fc.constant(input), powersOfTwo(input.set.labels.length)))],
    ([input, factors]) => {
      // powers of two scale a row, its length and so the unit row without rounding: the same bits
      const scaled = { ...input.set, embeddings: scaleRows(input.set, factors) };
      assert.deepEqual(verify({ ...input, set: scaled }), verify(input));
    },
  );

  property("keeps distances where squares leave the range of float64", [verifiable()], ({ set, pairs }) => {
    const far = set.embeddings.map((value, i) => value * (Math.floor(i / set.embedding) % 2 ? 2 ** 600 : 2 ** -600));
    const plain = pairDistances(set.embeddings, set.embedding, pairs);
    // lengths are then found by scaling first; unit rows of ≤ 5 numbers may differ by a few roundings, distances by four times as much
    pairDistances(far, set.embedding, pairs).forEach((distance, p) =>
      assertNear(distance, plain[p], 64 * Number.EPSILON, `pair ${p}`),
    );
  });

  property(
    "does not see which image of a pair comes first",
    [verifiable(), fc.array(fc.boolean(), { minLength: 30, maxLength: 30 })],
    (input, turns) => {
      const { first, second, same } = input.pairs;
      const swapped = {
        first: first.map((image, p) => (turns[p] ? second[p] : image)),
        second: second.map((image, p) => (turns[p] ? first[p] : image)),
        same,
      };
      assert.deepEqual(verify({ ...input, pairs: swapped }), verify(input));
    },
  );

  property(
    "does not see a rotation of all embeddings, or a mirror",
    [
      steps.chain((turns) => fc.tuple(fc.constant(turns), pairsOf(turns.length, 12))),
      mirrors,
      fc.integer({ min: 2, max: 10 }),
    ],
    ([turns, pairs], planes, folds) => {
      const rows = turns.map((k) => [Math.cos(0.37 * k), Math.sin(0.37 * k), 0]);
      const embeddings = Float64Array.from(rows.flat());
      const moved = Float64Array.from(rows.flatMap((row) => reflect(row, planes)));
      assert.deepEqual(
        verification({ embeddings: moved, embedding: 3, pairs, folds }),
        verification({ embeddings, embedding: 3, pairs, folds }),
      );
    },
  );

  property(
    "moves no distance by more than rounding when all embeddings are rotated",
    [
      labelledEmbeddings({ maxEmbedding: 3 }).chain((set) => fc.tuple(fc.constant(set), pairsOf(set.labels.length, 8))),
      mirrors,
    ],
    ([set, pairs], planes) => {
      const padded = unitRows(set).map((row) => [...row, 0, 0].slice(0, 3));
      const [plain, moved] = [padded, padded.map((row) => reflect(row, planes))].map((rows) =>
        pairDistances(Float64Array.from(rows.flat()), 3, pairs),
      );
      // each of up to four reflections rounds unit numbers about ten times; a distance is a sum of three squares of differences ≤ 2
      moved.forEach((distance, p) => assertNear(distance, plain[p], 4 * 10 * 12 * Number.EPSILON, `pair ${p}`));
    },
  );

  property(
    "is perfect when classes are points far apart",
    [
      fc.integer({ min: 2, max: 10 }),
      fc.integer({ min: 0, max: 20 }),
      fc.array(fc.nat({ max: 5 }), { minLength: 40, maxLength: 40 }),
    ],
    (folds, more, classes) => {
      // Classes are the six directions ±x, ±y, ±z, two images of each: distance 0 within, 2 or 4 between. Kinds alternate and folds have at
      // least two pairs, so that every fold has both.
      const embeddings = Float64Array.from({ length: 6 * 2 * 3 }, (_, i) => {
        const direction = Math.floor(i / 6);
        return direction % 3 === i % 3 ? (direction < 3 ? 1 : -1) : 0;
      });
      const same = Uint8Array.from({ length: 2 * folds + (more % 2 === 0 ? more : more + 1) }, (_, p) => p % 2);
      const first = Int32Array.from(same, (_, p) => 2 * classes[p]);
      const second = first.map((image, p) => (same[p] ? image + 1 : (image + 2 * (1 + (p % 5))) % 12));
      const result = verification({ embeddings, embedding: 3, pairs: { first, second, same }, folds });
      assert.deepEqual([result.accuracy, result.deviation], [1, 0]);
    },
  );
});
