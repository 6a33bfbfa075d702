import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { randomPairs, type Pairs } from "../../src/evaluation/pairs.js";
import { pairDistances, verification, verifyDistances } from "../../src/evaluation/verification.js";
import { stream } from "../../src/tensor/random.js";
import { clusters, unitRows } from "./embeddings.js";

interface GoldenFile {
  readonly cases: readonly {
    readonly name: string;
    readonly op: string;
    readonly params: { readonly folds: number };
    readonly inputs: {
      readonly embeddings: { readonly shape: readonly number[]; readonly data: readonly number[] };
      readonly issame: readonly number[];
    };
    readonly outputs: {
      readonly accuracy_per_fold: { readonly data: readonly number[] };
      readonly accuracy_mean: number;
      readonly accuracy_std: number;
      readonly tpr_mean_at: Readonly<Record<string, number>>;
      readonly fpr_mean_at: Readonly<Record<string, number>>;
    };
  }[];
}

const golden = JSON.parse(readFileSync(new URL("../golden/verification.json", import.meta.url), "utf8")) as GoldenFile;

/** The fixture carries nine significant digits; equality is asked for in all of them. */
const nine = (value: number): number => Number(value.toPrecision(9));

/** Images 2p and 2p+1 form pair p. */
function neighbouringPairs(same: ArrayLike<number>): Pairs {
  return {
    first: Int32Array.from({ length: same.length }, (_, p) => 2 * p),
    second: Int32Array.from({ length: same.length }, (_, p) => 2 * p + 1),
    same: Uint8Array.from(same),
  };
}

/** The protocol as its sentences say it: every threshold, every fold, every pair. */
function bruteForce(
  distances: readonly number[],
  same: readonly number[],
  folds: number,
): { accuracy: number; threshold: number }[] {
  const fold: number[] = [];
  for (let k = 0; k < folds; k++) {
    const size = Math.floor(distances.length / folds) + (k < distances.length % folds ? 1 : 0);
    for (let i = 0; i < size; i++) fold.push(k);
  }
  const accuracy = (threshold: number, counted: (p: number) => boolean): number => {
    const chosen = distances.map((_, p) => p).filter(counted);
    return chosen.filter((p) => distances[p] < threshold === (same[p] === 1)).length / chosen.length;
  };
  return Array.from({ length: folds }, (_, k) => {
    let [best, threshold] = [-1, NaN];
    for (let t = 0; t < 400; t++) {
      const here = accuracy(t * 0.01, (p) => fold[p] !== k);
      if (here > best) [best, threshold] = [here, t * 0.01];
    }
    return { accuracy: accuracy(threshold, (p) => fold[p] === k), threshold };
  });
}

describe("verification", () => {
  for (const { name, op, params, inputs, outputs } of golden.cases) {
    if (op !== "verification_kfold") continue;
    it(`reproduces the published evaluation script: ${name}`, () => {
      const result = verification({
        embeddings: Float64Array.from(inputs.embeddings.data),
        embedding: inputs.embeddings.shape[1],
        pairs: neighbouringPairs(inputs.issame),
        folds: params.folds,
      });
      assert.deepEqual(
        result.folds.map((fold) => nine(fold.accuracy)),
        outputs.accuracy_per_fold.data,
      );
      assert.equal(nine(result.accuracy), outputs.accuracy_mean);
      assert.equal(nine(result.deviation), outputs.accuracy_std);
      for (const [threshold, rate] of Object.entries(outputs.tpr_mean_at)) {
        assert.equal(nine(result.trueAccept[Math.round(Number(threshold) * 100)]), rate);
      }
      for (const [threshold, rate] of Object.entries(outputs.fpr_mean_at)) {
        assert.equal(nine(result.falseAccept[Math.round(Number(threshold) * 100)]), rate);
      }
    });
  }

  it("agrees with the definition, threshold by threshold and pair by pair", () => {
    for (const [seed, folds] of [
      ["a", 10],
      ["b", 7],
      ["c", 2],
    ] as const) {
      const set = clusters(seed, 60, 6, 8, 0.9);
      const pairs = randomPairs(set.labels, 94, stream(seed, "pairs"));
      const rows = unitRows(set);
      const distances = Array.from(pairs.first, (first, p) =>
        rows[first].reduce((sum, value, e) => sum + (value - rows[pairs.second[p]][e]) ** 2, 0),
      );
      const expected = bruteForce(distances, Array.from(pairs.same), folds);
      const result = verification({ ...set, pairs, folds });
      assert.deepEqual(
        result.folds.map(({ accuracy, threshold }) => ({ accuracy, threshold })),
        expected,
      );
    }
  });

  it("rejects a pair at exactly the threshold, and never accepts one at 3.99 or more", () => {
    const distances = Float64Array.of(0.07, 29 * 0.01, 3.99, 4);
    const { trueAccept, thresholds } = verifyDistances(
      Float64Array.of(...distances, ...distances),
      [1, 1, 1, 1, 0, 0, 0, 0],
      2,
    );
    for (let t = 0; t < 400; t++) {
      const accepted = distances.filter((distance) => distance < thresholds[t]).length / 4;
      assert.equal(trueAccept[t], accepted / 2); // the second fold has no genuine pair and counts as 0
    }
    assert.equal(trueAccept[399], 1 / 4);
  });

  it("takes the first threshold when all pairs are equally far", () => {
    const pairs = neighbouringPairs([1, 0, 1, 0, 1, 0, 1, 0]);
    const result = verification({ embeddings: new Float32Array(16 * 3).fill(1), embedding: 3, pairs, folds: 4 });
    assert.deepEqual(
      result.folds.map((fold) => [fold.threshold, fold.accuracy]),
      [0, 1, 2, 3].map(() => [0, 0.5]),
    );
    assert.equal(result.deviation, 0);
  });

  it("places an embedding of zeros at distance 1 and counts it", () => {
    const embeddings = Float32Array.of(0, 0, 3, 4, 1, 0, 2, 0);
    const pairs = neighbouringPairs([0, 1]);
    assert.deepEqual(pairDistances(embeddings, 2, pairs).map(nine), Float64Array.of(1, 0));
    assert.equal(verification({ embeddings, embedding: 2, pairs, folds: 2 }).zeroEmbeddings, 1);
  });

  it("does not depend on the lengths of the embeddings", () => {
    const set = clusters("lengths", 40, 5, 4, 0.7);
    const pairs = randomPairs(set.labels, 60, stream("lengths"));
    const doubled = set.embeddings.map((value, i) => value * 2 ** (Math.floor(i / 5) % 7));
    assert.deepEqual(verification({ ...set, embeddings: doubled, pairs }), verification({ ...set, pairs }));
  });

  it("says what is wrong with its input", () => {
    const embeddings = Float32Array.of(1, 0, 0, 1, 1, 1, 1, 2);
    const check = (pairs: Pairs, folds = 2, rows = embeddings): (() => unknown) => {
      return () => verification({ embeddings: rows, embedding: 2, pairs, folds });
    };
    assert.throws(check(neighbouringPairs([1, 1])), /given 2 genuine and 0 impostor pairs/);
    assert.throws(check(neighbouringPairs([0, 0])), /given 0 genuine and 2 impostor pairs/);
    assert.throws(check(neighbouringPairs([1, 0]), 3), /given 3 folds of 2 pairs/);
    assert.throws(check(neighbouringPairs([1, 0, 1])), /numbered 0 .. 3, but pair 2 compares 4 with 5/);
    assert.throws(
      check(
        neighbouringPairs([1, 0]),
        2,
        embeddings.map((x, i) => (i === 5 ? NaN : x)),
      ),
      /row 2, dimension 1 is NaN/,
    );
    assert.throws(
      check({ first: Int32Array.of(0, 1), second: Int32Array.of(1), same: Uint8Array.of(1, 0) }),
      /given 2, 1 and 2/,
    );
  });
});
