/**
 * Where the public code of CR-FIQA (fdbtrs/CR-FIQA) does something other than its paper says, or than its names do: each departure shown under
 * the switch that reproduces it, and beside it what happens otherwise. Rows are numbered as in docs/verification.md; row 8e, the
 * strict comparison, stands with the operating points.
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { nearestNegative, relativeClassifiability } from "../../src/crfiqa/relativeClassifiability.js";
import { errorVersusDiscard } from "../../src/evaluation/quality/errorVersusDiscard.js";
import { errorRates, pointAtFmr } from "../../src/evaluation/quality/operatingPoints.js";
import { rocCurve, tarAtFar } from "../../src/evaluation/roc.js";
import { arcFace } from "../../src/pfc/margins/arcFace.js";
import { cosFace } from "../../src/pfc/margins/cosFace.js";
import type { HeadProblem } from "../arbitraries/headProblems.js";
import { cosines } from "../arbitraries/cosines.js";
import { comparisons, discardRatios } from "../arbitraries/discards.js";
import { evenly } from "../arbitraries/numbers.js";
import { falseAcceptRates } from "../arbitraries/scores.js";
import { engines, exact } from "../engines.js";
import { assertNear, assertNotAbove } from "../evaluation/assertions.js";
import { property } from "../property.js";
import { objectiveStep } from "./objectiveStep.js";
import { classified } from "./problemHeads.js";

const paths = () => fc.constantFrom("formula" as const, "fused" as const);

/** CR over NNCCS of two numbers, in float64. */
function classifiability(ccs: number, nearest: number, form: "paper" | "raw", floor?: number | null): number {
  return exact.scope(() => {
    const negative = nearestNegative(exact.tensor([nearest], [1]), floor);
    return relativeClassifiability(exact.tensor([ccs], [1]), negative, form).dataSync()[0];
  });
}

describe("row 8: the nearest wrong center", () => {
  property(
    "opposite, with all the others, is still at −1e-12 by the public floor, at −1 without; and a perfectly aligned sample has no NaN",
    [fc.integer({ min: 2, max: 9 }), fc.integer({ min: -8, max: 8 }), paths()],
    (classes, exponent, path) => {
      const centers = Float64Array.from({ length: 2 * classes }, (_, i) => (i === 0 ? 0.5 : i % 2 === 0 ? -0.5 : 0));
      const batch = { labels: [0], embeddings: Float64Array.of(2 ** exponent, 0) };
      const problem = { ranks: 1, classes, embedding: 2, centers, batches: [batch] };
      const unit = { weight: [1, 1], bias: 0 };
      for (const engine of engines) {
        const step = (floor?: null) => {
          const margin = arcFace({ gradient: "exact", beyondPi: "wrap" });
          return objectiveStep(engine, 1, problem, unit, { ratio: 1, margin, path }, { floor });
        };
        const [published, definition] = [step(), step(null)];
        assert.deepEqual(published.own, [1]);
        assert.deepEqual(published.negative.map(Math.fround), [Math.fround(-1e-12)]);
        assert.deepEqual(definition.negative, [-1]);
        // with the floor a perfect image has CR 1; to the letter a billion
        assertNear(published.target[0], 1, 2e-9, engine.name);
        assertNear(definition.target[0], 1e9, 1e9 * 2 ** -20, engine.name);
        for (const { dx, dw, dUnit } of [published, definition]) {
          assert.ok([...dx, ...dw, ...dUnit.weight, dUnit.bias].every(Number.isFinite), engine.name);
        }
      }
    },
    { runs: 40 },
  );
});

describe("row 8a: the form of relative classifiability", () => {
  property(
    "of the public script divides by NNCCS alone: 1 / NNCCS times CCS, without limit; the paper's is never above CCS there",
    [cosines(0.25, 1), evenly(-6, -2)],
    (ccs, exponent) => {
      const nearest = 10 ** exponent;
      const [raw, paper] = (["raw", "paper"] as const).map((form) => classifiability(ccs, nearest, form));
      assertNear(raw * nearest, ccs, 4 * Number.EPSILON, "raw");
      assertNotAbove(25 * (1 - 4 * Number.EPSILON), raw, "what a raw target is at least");
      assertNotAbove(paper, ccs, "paper");
    },
  );

  property(
    "of the public script turns its sign where the nearest wrong center is beyond a right angle, and has −1e12 times CCS under the public floor",
    [cosines(0.25, 1), cosines(-1, -1e-3)],
    (ccs, nearest) => {
      assertNear(classifiability(ccs, nearest, "raw") * -1e-12, ccs, 4 * Number.EPSILON, "with the floor");
      assertNotAbove(classifiability(ccs, nearest, "raw", null), -ccs, "without");
      assertNotAbove(0, classifiability(ccs, nearest, "paper", null), "paper");
    },
  );
});

describe("row 8b: the value of the loss", () => {
  property(
    "has no bound with `bounded: false`, as in the public code; by default it stops at 69.0776; the gradients are the same",
    [evenly(64, 500), evenly(-1, 1), paths()],
    (scale, slant, path) => {
      // the embedding lies next to the wrong one of two opposite centers
      const batch = { labels: [0], embeddings: Float64Array.of(1, slant) };
      const problem: HeadProblem = {
        ...{ ranks: 1, classes: 2, embedding: 2 },
        centers: Float64Array.of(-0.5, 0, 0.5, 0),
        batches: [batch],
      };
      const margin = cosFace({ scale, margin: 0.35 });
      const [published, byDefault] = [false, true].map((bounded) =>
        classified(exact, 1, problem, { ratio: 1, margin, path, bounded }, "loss"),
      );
      // log(1 + exp(z)) of z ≥ 64 · (√2 + 0.35) = 112 is z to the last bit
      const truth = scale * (2 / Math.hypot(1, slant) + 0.35);
      assertNear(published.losses[0], truth, 16 * Number.EPSILON * truth, "to the letter");
      assertNear(byDefault.losses[0], 30 * Math.log(10), 16 * Number.EPSILON * 70, "by default");
      assert.deepEqual([published.dx, published.dw], [byDefault.dx, byDefault.dw]);
    },
  );
});

describe("row 8c: the threshold that is called fixed", () => {
  property(
    "is found anew at every ratio: discarding the k nearest of n impostors makes FNMR at FMR 0 1 − k/n; of a threshold that stays it is 1 throughout",
    [fc.integer({ min: 1, max: 6 })],
    (exponent) => {
      const n = 2 ** exponent; // so that k / 2n of 2n pairs are k
      // genuine pairs at 1/2, 3/2 …, all of high quality; impostors at 1, 2 …, the nearer ones of lower quality
      const place = Array.from({ length: n }, (_, i) => i);
      const options = {
        distances: [...place.map((i) => i + 0.5), ...place.map((i) => i + 1)],
        same: [...place.map(() => 1), ...place.map(() => 0)],
        quality: [...place.map((i) => n + i), ...place],
        fmrs: [0],
        ratios: place.map((k) => k / (2 * n)),
      };
      const [held, stays] = (["perSubset", "fullSet"] as const).map(
        (threshold) => errorVersusDiscard({ ...options, threshold }).fnmr[0],
      );
      assert.deepEqual([...held], place.map((k) => (n - k) / n)); // prettier-ignore
      assert.deepEqual([...stays], place.map(() => 1)); // prettier-ignore
    },
    { runs: 20 },
  );
});

describe("row 8d: the operating point", () => {
  property(
    "may exceed its FMR: of n impostors a target between 1/2n and 1/n is met by one false match; `tarAtFar` allows none",
    [fc.integer({ min: 1, max: 200 }), evenly(0.51, 0.99)],
    (n, part) => {
      const distances = [0.5, ...Array.from({ length: n }, (_, i) => i + 1), n + 1];
      const same = distances.map((_, p) => (p === 0 || p === n + 1 ? 1 : 0));
      const target = part / n;
      assert.equal(pointAtFmr(errorRates(distances, same), target).fmr, 1 / n);
      const curve = rocCurve(distances.map((distance) => -distance), same); // prettier-ignore
      assert.equal(tarAtFar(curve, [target])[0].falseAccept, 0);
    },
  );
});

describe("row 8f: pairs of equal quality", () => {
  property(
    "are discarded in the order of the list: of one quality the curve at each ratio is that of the pairs which are left",
    [comparisons(), discardRatios(), falseAcceptRates()],
    ({ distances, pairs }, ratios, fmr) => {
      const curve = (from: number, asked: readonly number[]) => {
        const [left, same] = [distances.slice(from), pairs.same.slice(from)];
        const quality = left.map(() => 3);
        return errorVersusDiscard({
          distances: left,
          same,
          quality,
          fmrs: [fmr],
          ratios: asked,
          threshold: "perSubset",
        });
      };
      const whole = curve(0, ratios);
      whole.ratios.forEach((ratio, r) => {
        const [alone] = curve(Math.floor(ratio * distances.length), [0]).fnmr;
        assert.equal(whole.fnmr[0][r], alone[0], `ratio ${ratio}`);
      });
    },
  );
});
