/** ROC curves: what a threshold accepts, counted by hand; the area as a chance; TAR at FAR. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { areaUnderCurve, equalErrorRate, rocCorners, rocCurve, tarAtFar, thinRoc } from "../../src/evaluation/roc.js";
import { falseAcceptRates, scoredPairs, type Scored } from "../arbitraries/scores.js";
import { property } from "../property.js";
import { assertAmong, assertNear, assertNotAbove, assertRisingRates } from "./assertions.js";

/** Share of pairs of that kind with score ≥ threshold. */
function share({ scores, genuine }: Scored, kind: number, threshold: number): number {
  const chosen = scores.filter((_, p) => genuine[p] === kind);
  return chosen.filter((score) => score >= threshold).length / chosen.length;
}

/** All points (FAR, TAR, threshold) that a threshold can give, strictest first. */
function points(scored: Scored): { far: number; tar: number; threshold: number }[] {
  const thresholds = [Infinity, ...new Set(scored.scores.map((score) => score + 0))].sort((a, b) => b - a);
  return thresholds.map((threshold) => ({
    far: share(scored, 0, threshold),
    tar: share(scored, 1, threshold),
    threshold,
  }));
}

const curveOf = ({ scores, genuine }: Scored) => rocCurve(scores, genuine);

describe("ROC curve", () => {
  property("has a vertex for every distinct score, each what counting gives", [scoredPairs()], (scored) => {
    const curve = curveOf(scored);
    const expected = points(scored);
    assert.deepEqual(Array.from(curve.thresholds, (threshold) => threshold + 0), expected.map((v) => v.threshold)); // prettier-ignore
    assert.deepEqual(Array.from(curve.trueAccept), expected.map(({ tar }) => tar)); // prettier-ignore
    assert.deepEqual(Array.from(curve.falseAccept), expected.map(({ far }) => far)); // prettier-ignore
  });

  property("rises from (0, 0) to (1, 1), both rates monotone", [scoredPairs()], (scored) => {
    const { trueAccept, falseAccept } = curveOf(scored);
    for (const rates of [trueAccept, falseAccept]) {
      assert.deepEqual([rates[0], rates.at(-1)], [0, 1]);
      assertRisingRates(rates);
    }
  });

  property("does not see a strictly rising map of the scores", [scoredPairs()], (scored) => {
    const distinct = [...new Set(scored.scores.map((score) => score + 0))].sort((a, b) => a - b);
    const ranks = scored.scores.map((score) => distinct.indexOf(score + 0));
    const [one, other] = [curveOf(scored), rocCurve(ranks, scored.genuine)];
    assert.deepEqual([one.trueAccept, one.falseAccept], [other.trueAccept, other.falseAccept]);
  });

  property("keeps its line when only the corners are kept", [scoredPairs(40), falseAcceptRates()], (scored, far) => {
    const curve = curveOf(scored);
    const corners = rocCorners(curve);
    const vertices = new Set(Array.from(curve.thresholds));
    assertAmong(corners.thresholds, vertices, "threshold");
    // a vertex inside a line lies on it: no area is lost; at most 42 terms of size ≤ 1, each rounded a few times
    assertNear(areaUnderCurve(corners), areaUnderCurve(curve), 42 * 4 * Number.EPSILON, "area");
    const [{ tar }] = tarAtFar(corners, [far]);
    assertNotAbove(tar, tarAtFar(curve, [far])[0].tar, "TAR");
  });

  property("drops exactly the vertices between equal steps", [scoredPairs(40)], (scored) => {
    const all = points(scored);
    const entered = (v: number): string =>
      [1, 0]
        .map((kind) => scored.scores.filter((s, p) => scored.genuine[p] === kind && s === all[v].threshold).length)
        .join();
    const kept = all.filter((_, v) => v < 2 || v === all.length - 1 || entered(v) !== entered(v + 1));
    assert.deepEqual(Array.from(rocCorners(curveOf(scored)).thresholds, (t) => t + 0), kept.map((v) => v.threshold)); // prettier-ignore
  });
});

describe("area under the curve", () => {
  property("is the chance that a genuine score exceeds an impostor's, ties half", [scoredPairs()], (scored) => {
    const of = (kind: number): number[] => scored.scores.filter((_, p) => scored.genuine[p] === kind);
    const wins = of(1).flatMap((g) => of(0).map((i) => (g > i ? 1 : g === i ? 0.5 : 0)));
    const chance = wins.reduce((sum: number, win) => sum + win, 0) / wins.length;
    // at most 31 terms of size ≤ 1, each rounded a few times
    assertNear(areaUnderCurve(curveOf(scored)), chance, 31 * 4 * Number.EPSILON, "area");
  });

  property("becomes its complement when genuine and impostor pairs are exchanged", [scoredPairs()], (scored) => {
    const exchanged = { scores: scored.scores, genuine: scored.genuine.map((kind) => 1 - kind) };
    const sum = areaUnderCurve(curveOf(scored)) + areaUnderCurve(curveOf(exchanged));
    assertNear(sum, 1, 2 * 31 * 4 * Number.EPSILON, "sum of areas");
  });
});

describe("TAR at FAR", () => {
  property("is the best TAR that keeps the promise", [scoredPairs(), falseAcceptRates()], (scored, far) => {
    const [{ tar, falseAccept, threshold, resolved }] = tarAtFar(curveOf(scored), [far]);
    const kept = points(scored).filter((vertex) => vertex.far <= far);
    assert.equal(tar, Math.max(...kept.map((vertex) => vertex.tar)));
    assertNotAbove(falseAccept, far, "FAR");
    assert.deepEqual([tar, falseAccept], [share(scored, 1, threshold), share(scored, 0, threshold)]);
    assert.equal(resolved, 1 / scored.genuine.filter((kind) => kind === 0).length <= far);
  });

  property(
    "by the nearest vertex is the larger TAR of the nearest",
    [scoredPairs(), falseAcceptRates()],
    (scored, far) => {
      const [{ tar, falseAccept }] = tarAtFar(curveOf(scored), [far], "nearest");
      const gap = Math.min(...points(scored).map((vertex) => Math.abs(vertex.far - far)));
      const nearest = points(scored).filter((vertex) => Math.abs(vertex.far - far) === gap);
      assert.equal(tar, Math.max(...nearest.map((vertex) => vertex.tar)));
      assert.equal(Math.abs(falseAccept - far), gap);
    },
  );

  property(
    "rises with FAR, by both rules",
    [scoredPairs(), fc.array(falseAcceptRates(), { minLength: 2, maxLength: 6 })],
    (scored, rates) => {
      const rising = [...rates].sort((a, b) => a - b);
      for (const rule of ["not-above", "nearest"] as const) {
        const tars = tarAtFar(curveOf(scored), rising, rule).map(({ tar }) => tar);
        assertRisingRates(tars, rule);
      }
    },
  );
});

describe("equal error rate", () => {
  property("is where the curve crosses FAR = 1 − TAR", [scoredPairs()], (scored) => {
    const rate = equalErrorRate(curveOf(scored));
    const vertices = points(scored);
    // the crossing lies on an edge: there is one along which FAR reaches `rate` while TAR reaches 1 − rate
    const tolerance = 16 * Number.EPSILON; // a quotient and two products of numbers in [0, 1]
    const gaps = vertices.slice(1).map(({ far, tar }, v) => {
      const { far: farBefore, tar: tarBefore } = vertices[v];
      const [rise, run] = [tar - tarBefore, far - farBefore];
      // distance from the edge's line, and whether it lies between the ends
      const off = Math.abs(rise * (rate - farBefore) - run * (1 - rate - tarBefore));
      const inside =
        rate >= farBefore - tolerance &&
        rate <= far + tolerance &&
        1 - rate >= tarBefore - tolerance &&
        1 - rate <= tar + tolerance;
      return inside ? off : Infinity;
    });
    assertNotAbove(Math.min(...gaps), tolerance, `distance of ${rate} from the nearest edge`);
  });
});

describe("thinned curve", () => {
  property(
    "holds vertices of the curve in rising order, the last among them",
    [scoredPairs(40), fc.integer({ min: 1, max: 20 })],
    (scored, count) => {
      const thin = thinRoc(curveOf(scored), count);
      const vertices = new Set(points(scored).map(({ far, tar }) => `${far} ${tar}`));
      assertNotAbove(thin.length, count + 1, "points");
      assert.deepEqual(thin.at(-1), [1, 1]);
      assertAmong(thin.map(([far, tar]) => `${far} ${tar}`), vertices, "vertex"); // prettier-ignore
      for (const axis of [0, 1]) assertRisingRates(thin.map((point) => point[axis])); // prettier-ignore
    },
  );
});
