/** VAL@FAR: the promise kept on the folds that set the threshold, and rates that repeat (where the public code stops). */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { validationAtFar } from "../../src/evaluation/validationAtFar.js";
import { bothKinds, falseAcceptRates } from "../arbitraries/scores.js";
import { property } from "../property.js";
import { assertNear, assertNotAbove } from "./assertions.js";
import { evenly } from "../arbitraries/numbers.js";

interface Distances {
  readonly distances: Float64Array;
  readonly same: number[];
  readonly folds: number;
}

/** Distances in thousandths and a half, so that none lies on a step of the threshold, or free ones; few values, so that rates repeat. */
function distancesOfPairs(): fc.Arbitrary<Distances> {
  const between = fc.integer({ min: 0, max: 3999 }).map((step) => (step + 0.5) / 1000);
  const free = evenly(0, 4);
  const values = fc.oneof(
    fc.array(between, { minLength: 24, maxLength: 24 }),
    fc.array(free, { minLength: 24, maxLength: 24 }),
    fc.array(fc.constantFrom(0, 0.0005, 1.2345, 4), { minLength: 24, maxLength: 24 }),
  );
  return (
    fc
      .tuple(fc.integer({ min: 2, max: 6 }), values, bothKinds(24))
      // two impostors at the ends: however the folds are cut, the others always have one
      .map(([folds, distances, kinds]) => ({
        folds,
        distances: Float64Array.from(distances),
        same: kinds.map((kind, p) => (p === 0 || p === 23 ? 0 : p === 11 ? 1 : kind)),
      }))
  );
}

/** Distances of one kind of a fold's own pairs, or of the others'. */
function chosen({ distances, same }: Distances, kind: number, inside: (p: number) => boolean): number[] {
  return Array.from(distances).filter((_, p) => same[p] === kind && inside(p));
}

const accepted = (values: readonly number[], threshold: number): number =>
  values.filter((distance) => distance < threshold).length / values.length;

/** Cases scan 4,000 thresholds by hand, hence their number. */
const runs = 30;

describe("VAL@FAR", () => {
  property(
    "sets the largest threshold that keeps the promise on the other folds",
    [distancesOfPairs(), falseAcceptRates()],
    (input, far) => {
      const { distances, same, folds } = input;
      const result = validationAtFar(distances, same, far, folds);
      for (const { start, end, threshold, validation, falseAccept } of result.folds) {
        const training = chosen(input, 0, (p) => p < start || p >= end);
        // the last step of the grid at which no step up to it breaks the promise, then along the straight line to the next
        let step = 3999;
        while (accepted(training, step * 0.001) > far) step--;
        const [low, high] = [accepted(training, step * 0.001), accepted(training, (step + 1) * 0.001)];
        const along = step === 3999 ? 0 : (far - low) / (high - low);
        // a quotient of rates and a sum of numbers below 4, a few roundings each
        assertNear(threshold, (step + along) * 0.001, 16 * Number.EPSILON, "threshold");
        const own = (kind: number): number[] => chosen(input, kind, (p) => p >= start && p < end);
        assert.equal(validation, own(1).length > 0 ? accepted(own(1), threshold) : undefined);
        assert.equal(falseAccept, own(0).length > 0 ? accepted(own(0), threshold) : undefined);
      }
    },
    { runs },
  );

  property(
    "rises with the rate that is asked for",
    [distancesOfPairs(), fc.tuple(falseAcceptRates(), falseAcceptRates())],
    ({ distances, same, folds }, rates) => {
      const [low, high] = [Math.min(...rates), Math.max(...rates)].map((far) =>
        validationAtFar(distances, same, far, folds),
      );
      low.folds.forEach(({ threshold, validation = 0, falseAccept = 0 }, k) => {
        assertNotAbove(threshold, high.folds[k].threshold, "threshold");
        assertNotAbove(validation, high.folds[k].validation ?? 0, "validation");
        assertNotAbove(falseAccept, high.folds[k].falseAccept ?? 0, "FAR");
      });
    },
    { runs },
  );

  property(
    "does not see that every pair of a fold is there twice",
    [distancesOfPairs(), falseAcceptRates()],
    (input, far) => {
      // twice each pair, next to itself: 24 pairs in as many folds as divide 24, so that no pair changes its fold
      const folds = input.folds === 5 ? 4 : input.folds;
      const plain = validationAtFar(input.distances, input.same, far, folds);
      const twice = validationAtFar(
        Float64Array.from(Array.from(input.distances).flatMap((distance) => [distance, distance])),
        input.same.flatMap((kind) => [kind, kind]),
        far,
        folds,
      );
      assert.deepEqual(
        twice.folds.map(({ threshold, validation, falseAccept }) => [threshold, validation, falseAccept]),
        plain.folds.map(({ threshold, validation, falseAccept }) => [threshold, validation, falseAccept]),
      );
      assert.deepEqual([twice.validation, twice.deviation], [plain.validation, plain.deviation]);
    },
    { runs },
  );
});
