/** Error-versus-discard curves: counted by plain loops, what they do not see, and what no quality score can beat. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { randomScores } from "../../src/evaluation/quality/baselines.js";
import { areaUnderDiscardCurve, partialArea } from "../../src/evaluation/quality/discardArea.js";
import {
  errorVersusDiscard,
  type DiscardCurve,
  type ThresholdConvention,
} from "../../src/evaluation/quality/errorVersusDiscard.js";
import { pairQuality } from "../../src/evaluation/quality/pairQuality.js";
import { comparisons, discardRatios, untiedComparisons, type Comparisons } from "../arbitraries/discards.js";
import { evenly, seeds } from "../arbitraries/numbers.js";
import { falseAcceptRates } from "../arbitraries/scores.js";
import { permutations } from "../arbitraries/shapes.js";
import { assertNear, assertNotAbove } from "../evaluation/assertions.js";
import { property } from "../property.js";
import { FALSE_ALARM } from "../statistics.js";

const conventions = (): fc.Arbitrary<ThresholdConvention> => fc.constantFrom("perSubset", "fullSet");

interface Asked {
  readonly threshold: ThresholdConvention;
  readonly fmrs: number[];
  readonly ratios: number[];
}

const asked = (): fc.Arbitrary<Asked> =>
  fc.record({
    threshold: conventions(),
    fmrs: fc.array(falseAcceptRates(), { minLength: 1, maxLength: 3 }),
    ratios: discardRatios(),
  });

/** The curve of qualities of images. */
function curveOf({ quality, pairs, distances }: Comparisons, options: Asked): DiscardCurve {
  return errorVersusDiscard({ distances, same: pairs.same, quality: pairQuality(quality, pairs), ...options });
}

/** The curve of qualities of pairs. */
function curveOfPairs({ quality, pairs, distances }: Comparisons, options: Asked): DiscardCurve {
  return errorVersusDiscard({ distances, same: pairs.same, quality, ...options });
}

interface Comparison {
  readonly distance: number;
  readonly same: boolean;
  readonly quality: number;
}

/** The threshold by its definition: of the distances that occur, from the largest down, the first that is nearest to the FMR. */
function thresholdByLoops(kept: readonly Comparison[], fmr: number): number {
  const impostors = kept.filter(({ same }) => !same);
  let [chosen, gap] = [NaN, Infinity];
  for (const { distance } of [...kept].sort((a, b) => b.distance - a.distance)) {
    const rate = impostors.filter((other) => other.distance <= distance).length / impostors.length;
    if (Math.abs(rate - fmr) < gap) [chosen, gap] = [distance, Math.abs(rate - fmr)];
  }
  return chosen;
}

/** Rows (genuine, impostor, threshold, FNMR) by plain loops: the worst pair left is looked for and removed, again and again. */
function curveByLoops(
  { quality, pairs, distances }: Comparisons,
  { threshold, ratios }: Asked,
  fmr: number,
): number[][] {
  const all = distances.map((distance, p) => ({ distance, same: pairs.same[p] === 1, quality: quality[p] }));
  const fixed = thresholdByLoops(all, fmr);
  const rows: number[][] = [];
  for (const ratio of ratios) {
    const kept = [...all];
    for (let dropped = 1; dropped <= ratio * all.length; dropped++) {
      const worst = Math.min(...kept.map((pair) => pair.quality));
      kept.splice(kept.findIndex((pair) => pair.quality === worst), 1); // prettier-ignore
    }
    const genuine = kept.filter(({ same }) => same);
    if (genuine.length === 0 || genuine.length === kept.length) break;
    const limit = threshold === "fullSet" ? fixed : thresholdByLoops(kept, fmr);
    const errors = genuine.filter(({ distance }) => !(distance < limit)).length;
    rows.push([genuine.length, kept.length - genuine.length, limit + 0, errors / genuine.length]);
  }
  return rows;
}

describe("error versus discard", () => {
  property("is what plain loops give", [comparisons(), asked()], (given, options) => {
    const ofPairs = { ...given, quality: [...pairQuality(given.quality, given.pairs)] };
    const curve = curveOf(given, options);
    options.fmrs.forEach((fmr, f) => {
      const rows = Array.from(curve.ratios, (_, r) => [
        curve.genuine[r],
        curve.impostor[r],
        curve.thresholds[f][r] + 0,
        curve.fnmr[f][r],
      ]);
      assert.deepEqual(rows, curveByLoops(ofPairs, options, fmr));
    });
    assert.equal(curve.endsBefore, options.ratios[curve.ratios.length]);
  });

  property("without discarding is the error of all pairs", [comparisons(), asked()], (given, options) => {
    const { distances, pairs } = given;
    const curve = curveOf(given, options);
    const genuine = distances.filter((_, p) => pairs.same[p] === 1);
    options.fmrs.forEach((_, f) => {
      const rejected = genuine.filter((distance) => distance >= curve.thresholds[f][0]).length;
      assert.equal(curve.fnmr[f][0], rejected / genuine.length);
    });
    assert.deepEqual([curve.genuine[0], curve.genuine[0] + curve.impostor[0]], [genuine.length, distances.length]);
  });

  property("starts at one point by both conventions", [comparisons(), asked()], (given, options) => {
    const [one, other] = (["perSubset", "fullSet"] as const).map((threshold) =>
      curveOf(given, { ...options, threshold }),
    );
    options.fmrs.forEach((_, f) => {
      assert.equal(one.fnmr[f][0], other.fnmr[f][0]);
      assert.equal(one.thresholds[f][0], other.thresholds[f][0]);
    });
    assert.deepEqual([one.ratios, one.genuine, one.impostor], [other.ratios, other.genuine, other.impostor]);
  });

  property("does not see a strictly rising map of the scores of images", [comparisons(), asked()], (given, options) => {
    const distinct = [...new Set(given.quality.map((score) => score + 0))].sort((a, b) => a - b);
    const quality = given.quality.map((score) => Math.exp(distinct.indexOf(score + 0)) - 5);
    assert.deepEqual(curveOf({ ...given, quality }, options), curveOf(given, options));
  });

  property(
    "compares qualities, of which the infinite ones are the least and the greatest",
    [untiedComparisons(), asked()],
    (given, options) => {
      const [least, most] = [Math.min(...given.quality), Math.max(...given.quality)];
      const quality = given.quality.map((score) => (score === least ? -Infinity : score === most ? Infinity : score));
      assert.deepEqual(curveOfPairs({ ...given, quality }, options), curveOfPairs(given, options));
      const twice = quality.map((score) => (score === Infinity ? score : -Infinity)); // they tie
      const ranks = twice.map((score) => (score === Infinity ? 1 : 0));
      assert.deepEqual(
        curveOfPairs({ ...given, quality: twice }, options),
        curveOfPairs({ ...given, quality: ranks }, options),
      );
    },
  );

  property(
    "does not see how images are numbered",
    [comparisons().chain((given) => fc.tuple(fc.constant(given), permutations(given.quality.length))), asked()],
    ([given, numbers], options) => {
      const quality = [...given.quality];
      numbers.forEach((number, image) => (quality[number] = given.quality[image]));
      const { first, second, same } = given.pairs;
      // nor which image of a pair comes first
      const pairs = {
        first: second.map((image) => numbers[image]),
        second: first.map((image) => numbers[image]),
        same,
      };
      assert.deepEqual(curveOf({ ...given, quality, pairs }, options), curveOf(given, options));
    },
  );

  property(
    "does not see the order of the pairs where no two have the same quality",
    [untiedComparisons().chain((given) => fc.tuple(fc.constant(given), permutations(given.distances.length))), asked()],
    ([given, order], options) => {
      const moved = {
        quality: order.map((p) => given.quality[p]),
        distances: order.map((p) => given.distances[p]),
        pairs: { ...given.pairs, same: Uint8Array.from(order, (p) => given.pairs.same[p]) },
      };
      assert.deepEqual(curveOfPairs(moved, options), curveOfPairs(given, options));
    },
  );

  property("of negated scores, lower being better, is the same", [comparisons(), asked()], (given, options) => {
    const { pairs, distances } = given;
    const negated = given.quality.map((score) => -score);
    const quality = pairQuality(negated, pairs, "maximum");
    const curve = errorVersusDiscard({ distances, same: pairs.same, quality, higherIsBetter: false, ...options });
    assert.deepEqual(curve, curveOf(given, options));
  });

  property(
    "at a threshold that stays is never below that of discarding the failing genuine pairs first",
    [untiedComparisons(), asked()],
    (given, asked) => {
      const options = { ...asked, threshold: "fullSet" as const, fmrs: asked.fmrs.slice(0, 1) };
      const curve = curveOfPairs(given, options);
      const [limit] = curve.thresholds[0];
      const fails = given.distances.map((distance, p) => given.pairs.same[p] === 1 && distance >= limit);
      const best = curveOfPairs({ ...given, quality: fails.map((failing) => (failing ? 0 : 1)) }, options);
      const both = Math.min(curve.ratios.length, best.ratios.length);
      for (let r = 0; r < both; r++)
        assertNotAbove(best.fnmr[0][r], curve.fnmr[0][r], `FNMR at ratio ${curve.ratios[r]}`);
    },
  );

  property(
    "falls to nothing when the severity that makes pairs fail is known, and stays level for random scores",
    [seeds(), seeds()],
    (seed, other) => {
      // Genuine pairs fail from severity 1/2 on: their distance is their severity, that of impostors 0.5 to 1.
      const count = 1000;
      const severity = randomScores(count, `${seed} severity`);
      const same = severity.map((_, p) => p % 2);
      const distances = severity.map((value, p) => (same[p] === 1 ? value : 0.5 + value / 2));
      const options = { distances, same, threshold: "fullSet" as const, fmrs: [0], ratios: ratiosTo(0.7) };
      const oracle = errorVersusDiscard({ ...options, quality: severity.map((value) => -value) });
      const random = errorVersusDiscard({ ...options, quality: randomScores(count, `${other} quality`) });
      /*
       * Those that random scores keep are drawn without replacement, to which Hoeffding's inequality applies (1963, section 6): of m kept pairs the
       * share of errors is farther than t from that of all with a probability of at most 2·exp(−2mt²). All ratios share the FALSE_ALARM.
       */
      random.fnmr[0].forEach((errors, r) => {
        const t = Math.sqrt(Math.log((2 * random.ratios.length) / FALSE_ALARM) / (2 * random.genuine[r]));
        assertNear(errors, random.fnmr[0][0], t, `random, ratio ${random.ratios[r]}`);
      });
      // Failing pairs have a severity of 0.45 or more, or one of 500 genuine pairs would lie in 0.45 .. 0.5 and set the threshold there (0.95^500 = 7e-12).
      // So have 550 of all pairs in the mean, more than 700 with a probability of at most exp(−2·1000·0.15²) = 3e-20.
      assert.equal(oracle.fnmr[0].at(-1), 0);
      assertNotAbove(areaUnderDiscardCurve(oracle, 0), areaUnderDiscardCurve(random, 0), "area of the oracle");
    },
    { runs: 20 },
  );
});

/** 0, 0.05 … end. */
function ratiosTo(end: number): number[] {
  return Array.from({ length: Math.round(end / 0.05) + 1 }, (_, i) => i * 0.05);
}

describe("area under a discard curve", () => {
  const level = (errors: number, ratios: readonly number[]): DiscardCurve => {
    const counts = Int32Array.from(ratios, () => 1);
    const fnmr = [Float64Array.from(ratios, () => errors)];
    const same = { genuine: counts, impostor: counts, thresholds: fnmr, fnmr };
    return { threshold: "fullSet", fmrs: [0.01], ratios: Float64Array.from(ratios), ...same };
  };

  property(
    "of a curve that does not fall is its height times its width; its relative partial area is 1",
    [evenly(1e-3, 1), discardRatios(), evenly(1e-3, 1)],
    (errors, ratios, part) => {
      const curve = level(errors, ratios);
      const last = ratios[ratios.length - 1];
      // at most seven terms, each rounded a few times
      assertNear(areaUnderDiscardCurve(curve, 0), errors * last, 32 * Number.EPSILON, "area");
      if (last === 0) return;
      const until = part * last;
      assertNear(partialArea(curve, 0, { until, relative: true }), 1, 64 * Number.EPSILON, "relative partial area");
      assertNear(partialArea(curve, 0, { until }), errors, 64 * Number.EPSILON, "partial area");
    },
  );

  property("is the partial area times the width, at the last ratio", [comparisons(), asked()], (given, options) => {
    const curve = curveOf(given, options);
    const last = curve.ratios[curve.ratios.length - 1];
    if (last === 0) return;
    options.fmrs.forEach((_, f) => {
      const expected = areaUnderDiscardCurve(curve, f);
      assertNear(partialArea(curve, f, { until: last }) * last, expected, 4 * Number.EPSILON, "area");
    });
  });

  property(
    "until a ratio between two is that of the curve which ends there, on the straight line between both",
    [comparisons(), asked(), evenly(1e-3, 1)],
    (given, options, part) => {
      const curve = curveOf(given, options);
      const last = curve.ratios[curve.ratios.length - 1];
      if (last === 0) return;
      const until = part * last;
      const next = curve.ratios.findIndex((ratio) => ratio >= until);
      const [left, right] = [curve.ratios[next - 1], curve.ratios[next]];
      const ratios = Float64Array.of(...curve.ratios.subarray(0, next), until);
      const fnmr = curve.fnmr.map((errors) => {
        const share = (until - left) / (right - left);
        return Float64Array.of(...errors.subarray(0, next), (1 - share) * errors[next - 1] + share * errors[next]);
      });
      options.fmrs.forEach((_, f) => {
        const expected = areaUnderDiscardCurve({ ...curve, ratios, fnmr }, f);
        // at most seven terms, each rounded a few times
        assertNear(partialArea(curve, f, { until }) * until, expected, 64 * Number.EPSILON, "area");
      });
    },
  );

  property("lies between the least and the greatest error", [comparisons(), asked()], (given, options) => {
    const curve = curveOf(given, options);
    const width = curve.ratios[curve.ratios.length - 1];
    options.fmrs.forEach((_, f) => {
      const area = areaUnderDiscardCurve(curve, f);
      assertNotAbove(area, width * Math.max(...curve.fnmr[f]) + 32 * Number.EPSILON, "area");
      assertNotAbove(width * Math.min(...curve.fnmr[f]), area + 32 * Number.EPSILON, "least error");
    });
  });
});
