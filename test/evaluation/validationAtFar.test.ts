import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { validationAtFar } from "../../src/evaluation/validationAtFar.js";
import { stream } from "../../src/tensor/random.js";

/** False accept rate on the line through the grid 0, 0.001 … 3.999, at any threshold in it. */
function rateOnLine(impostors: readonly number[], threshold: number): number {
  const left = Math.min(3998, Math.floor(threshold / 0.001));
  const at = (t: number): number => impostors.filter((distance) => distance < t * 0.001).length / impostors.length;
  return at(left) + (threshold / 0.001 - left) * (at(left + 1) - at(left));
}

function sample(seed: string, count: number): { distances: Float64Array; same: Uint8Array } {
  const random = stream(seed);
  const same = Uint8Array.from({ length: count }, () => random.integer(2));
  // repeated distances on purpose: two decimals
  const distances = Float64Array.from(
    same,
    (genuine) => Math.round(100 * (genuine ? 1.5 : 2.5) * random.uniform()) / 100,
  );
  return { distances, same };
}

describe("validationAtFar", () => {
  it("puts each fold's threshold at the largest one that keeps the rate on the other folds", () => {
    const { distances, same } = sample("val", 103);
    for (const far of [0, 0.013, 0.1, 0.5]) {
      const result = validationAtFar(distances, same, far, 5);
      for (const { start, end, threshold, validation, falseAccept } of result.folds) {
        const inside = (p: number): boolean => p >= start && p < end;
        const all = [...distances.keys()];
        const training = all.filter((p) => !inside(p) && same[p] === 0).map((p) => distances[p]);
        // 1e-9: `threshold / 0.001` rounds, and a rate changes by at most 1 within a step
        assert.ok(rateOnLine(training, threshold) <= far + 1e-9, `far ${far}: ${threshold} is too large`);
        assert.ok(rateOnLine(training, threshold + 1e-6) > far - 1e-9, `far ${far}: ${threshold} could be larger`);
        const share = (genuine: number): number => {
          const chosen = all.filter((p) => inside(p) && same[p] === genuine);
          return chosen.filter((p) => distances[p] < threshold).length / chosen.length;
        };
        assert.equal(validation, share(1));
        assert.equal(falseAccept, share(0));
      }
      const values = result.folds.map((fold) => fold.validation ?? NaN);
      assert.ok(Math.abs(result.validation - values.reduce((a, b) => a + b) / 5) < 1e-15);
    }
  });

  it("takes the end of a range of equal rates", () => {
    // impostors at 1 and 3: the rate is 1/2 from just above 1 up to the grid point 3
    const distances = Float64Array.of(0.5, 1, 3, 2, 0.5, 1, 3, 2);
    const same = [1, 0, 0, 1, 1, 0, 0, 1];
    const result = validationAtFar(distances, same, 0.5, 2);
    for (const fold of result.folds) assert.equal(fold.threshold, 3);
    assert.equal(result.validation, 1);
    assert.equal(result.falseAccept, 0.5);
  });

  it("accepts everything below 3.999 when no impostor is ever as near", () => {
    const result = validationAtFar(Float64Array.of(1, 4, 1, 4), [1, 0, 1, 0], 1e-3, 2);
    assert.equal(result.validation, 1);
    assert.equal(result.falseAccept, 0);
  });

  it("says when there are too few impostors for the rate", () => {
    const { distances, same } = sample("few", 100);
    assert.equal(validationAtFar(distances, same, 1e-3).resolved, false);
    assert.equal(validationAtFar(distances, same, 0.1).resolved, true);
  });

  it("leaves folds without genuine pairs out of the mean", () => {
    const result = validationAtFar(Float64Array.of(1, 4, 4, 4), [1, 0, 0, 0], 0, 2);
    assert.equal(result.folds[1].validation, undefined);
    assert.equal(result.validation, 1);
  });

  it("says what is wrong with its input", () => {
    assert.throws(
      () => validationAtFar(Float64Array.of(1, 2), [1, 1], 0.1, 2),
      /none \(0 impostors among 2 pairs, 2 folds\)/,
    );
    assert.throws(
      () => validationAtFar(Float64Array.of(1, 2), [0, 0], 0.1, 2),
      /genuine pairs are needed, given none among 2/,
    );
    assert.throws(() => validationAtFar(Float64Array.of(1, NaN), [1, 0], 0.1, 2), /pair 1 is NaN/);
    assert.throws(() => validationAtFar(Float64Array.of(1, 2), [1, 0], 1.5, 2), /lies in 0 .. 1, given 1.5/);
  });
});
