/** Operating points: candidates, both rates and the rule between equally near ones, counted by hand. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import {
  errorRates,
  falseNonMatchRate,
  pointAtFmr,
  pointAtFnmr,
  type OperatingPoint,
} from "../../src/evaluation/quality/operatingPoints.js";
import { falseAcceptRates, scoredPairs, type Scored } from "../arbitraries/scores.js";
import { assertNotAbove } from "../evaluation/assertions.js";
import { property } from "../property.js";

/** All candidates of distances, from the largest down: plain counting. */
function candidates({ scores, genuine }: Scored): OperatingPoint[] {
  const thresholds = [...new Set(scores.map((score) => score + 0))].sort((a, b) => b - a);
  const share = (kind: number, counts: (distance: number) => boolean): number => {
    const chosen = scores.filter((_, p) => genuine[p] === kind);
    return chosen.filter(counts).length / chosen.length;
  };
  return thresholds.map((threshold, index) => ({
    index,
    threshold,
    fmr: share(0, (distance) => distance <= threshold),
    fnmr: share(1, (distance) => distance > threshold),
  }));
}

const nearest = (points: readonly OperatingPoint[], gap: (point: OperatingPoint) => number): OperatingPoint[] => {
  const least = Math.min(...points.map(gap));
  return points.filter((point) => gap(point) === least);
};

describe("operating points", () => {
  property("are among the distinct observed distances, each with what counting gives", [scoredPairs()], (scored) => {
    const { thresholds, fmr, fnmr } = errorRates(scored.scores, scored.genuine);
    const got = Array.from(thresholds, (threshold, index) => ({
      index,
      threshold,
      fmr: fmr[index],
      fnmr: fnmr[index],
    }));
    assert.deepEqual(got, candidates(scored));
  });

  property(
    "at an FMR are the most permissive of the nearest, at an FNMR the strictest",
    [scoredPairs(), falseAcceptRates()],
    (scored, rate) => {
      const rates = errorRates(scored.scores, scored.genuine);
      const all = candidates(scored);
      assert.deepEqual(pointAtFmr(rates, rate), nearest(all, ({ fmr }) => Math.abs(fmr - rate))[0]); // prettier-ignore
      assert.deepEqual(pointAtFnmr(rates, rate), nearest(all, ({ fnmr }) => Math.abs(fnmr - rate)).at(-1)); // prettier-ignore
    },
  );

  property(
    "of similarities are those of the negated distances",
    [scoredPairs(), falseAcceptRates()],
    (scored, rate) => {
      const negated = scored.scores.map((distance) => -distance);
      const [one, other] = [
        errorRates(scored.scores, scored.genuine),
        errorRates(negated, scored.genuine, "similarity"),
      ];
      const [point, mirrored] = [pointAtFmr(one, rate), pointAtFmr(other, rate)];
      assert.deepEqual(
        { ...mirrored, threshold: 0 - mirrored.threshold },
        { ...point, threshold: point.threshold + 0 },
      );
      const genuine = (scores: number[]): number[] => scores.filter((_, p) => scored.genuine[p] === 1);
      assert.equal(
        falseNonMatchRate(genuine(negated), mirrored.threshold, "similarity"),
        falseNonMatchRate(genuine(scored.scores), point.threshold),
      );
    },
  );

  property(
    "below half of one false match lie on a genuine pair, which then counts as an error",
    [scoredPairs(), falseAcceptRates()],
    ({ scores, genuine }, part) => {
      const of = (kind: number): number[] => scores.filter((_, p) => genuine[p] === kind);
      const below = of(1).filter((distance) => of(0).every((impostor) => distance < impostor));
      const rates = errorRates(scores, genuine);
      const { threshold, fmr, fnmr } = pointAtFmr(rates, (0.49 * part) / rates.impostor);
      if (below.length === 0) {
        assertNotAbove(Number.MIN_VALUE, fmr, "the least FMR");
        return;
      }
      assert.deepEqual([threshold + 0, fmr], [Math.max(...below) + 0, 0]);
      const strict = falseNonMatchRate(of(1), threshold);
      const exactly = of(1).filter((distance) => distance === threshold).length;
      assert.equal(strict, (Math.round(fnmr * rates.genuine) + exactly) / rates.genuine);
    },
  );
});
