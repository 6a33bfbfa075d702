/** Calibration of quality scores: an order-preserving map to [0, 1], and what quantiles add to that. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { calibrate, fitCalibration, parseCalibration } from "../../src/crfiqa/calibration.js";
import { extreme, moderate } from "../arbitraries/numbers.js";
import { assertNear, assertRisingRates } from "../evaluation/assertions.js";
import { property } from "../property.js";

const kinds = () => fc.constantFrom("minMax" as const, "quantile" as const);

/** 1 … 400 scores, fewer and more than there are knots: free numbers, of all sizes, or whole ones so that most of them tie. */
function references(): fc.Arbitrary<number[]> {
  const of = (element: fc.Arbitrary<number>): fc.Arbitrary<number[]> =>
    fc.oneof(
      fc.array(element, { minLength: 1, maxLength: 8 }),
      fc.array(element, { minLength: 1, maxLength: 400, size: "max" }),
    );
  return fc.oneof(of(moderate()), of(extreme()), of(fc.integer({ min: -5, max: 5 })));
}

const asked = () => fc.oneof(moderate(), extreme(), fc.constantFrom(Infinity, -Infinity, Number.MAX_VALUE, 5e-324, -0));

/** What may stand where a number belongs. */
const numberOrNot = (): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 6, arbitrary: fc.double() }, { weight: 1, arbitrary: fc.constantFrom(null, "1", NaN, [0], {}) });

const count = () => fc.integer({ min: -1, max: 5 });

/** Mean rank of a reference among all, from 0 to 1: those below, and half of the others that are equal. */
function meanRank(scores: readonly number[], score: number): number {
  const below = scores.filter((other) => other < score).length;
  const equal = scores.filter((other) => other === score).length;
  return (below + (equal - 1) / 2) / (scores.length - 1);
}

describe("a calibration", () => {
  property(
    "never falls when the score rises, and stays in 0 .. 1",
    [references(), kinds(), fc.array(asked(), { minLength: 2, maxLength: 20 })],
    (scores, kind, free) => {
      const calibration = fitCalibration(scores, kind);
      // references themselves among the scores: there the quantiles jump
      const rising = [...free, ...scores.slice(0, 20)].sort((a, b) => a - b);
      assertRisingRates(rising.map((score) => calibrate(calibration, score)));
    },
  );

  property(
    "is 0 below every reference and 1 above, 1/2 in the middle of a constant set",
    [references(), kinds()],
    (scores, kind) => {
      const calibration = fitCalibration(scores, kind);
      const [lowest, highest] = [Math.min(...scores), Math.max(...scores)];
      // extreme() reaches 1e4, so one more or less is another number
      assert.deepEqual([calibrate(calibration, lowest - 1), calibrate(calibration, highest + 1)], [0, 1]);
      if (lowest === highest) assert.equal(calibrate(calibration, lowest), 0.5);
    },
  );

  property(
    "is 0 at the lowest reference and 1 at the highest; of quantiles, where no other ties with them",
    [references(), kinds()],
    (scores, kind) => {
      const [lowest, highest] = [Math.min(...scores), Math.max(...scores)];
      fc.pre(lowest !== highest);
      const calibration = fitCalibration(scores, kind);
      for (const [end, wanted] of [[lowest, 0] as const, [highest, 1] as const]) {
        const alone = scores.filter((score) => score === end).length === 1;
        if (kind === "minMax" || alone) assert.equal(calibrate(calibration, end), wanted);
      }
    },
  );

  property(
    "does not depend on the order of the references",
    [references().chain((scores) => fc.tuple(fc.constant(scores), fc.shuffledSubarray(scores, { minLength: scores.length }))), kinds()], // prettier-ignore
    ([scores, shuffled], kind) => {
      assert.deepEqual(fitCalibration(shuffled, kind), fitCalibration(scores, kind));
    },
  );

  property("survives JSON bit by bit", [references(), kinds()], (scores, kind) => {
    const calibration = fitCalibration(scores, kind);
    assert.deepEqual(parseCalibration(JSON.parse(JSON.stringify(calibration))), calibration);
  });

  property(
    "does not see how scores are stretched, by powers of two to the last bit",
    [references(), kinds(), asked(), fc.integer({ min: -20, max: 20 })],
    (scores, kind, free, exponent) => {
      const stretch = 2 ** exponent;
      // a product that leaves the range of numbers is not what was asked
      fc.pre([free, ...scores].every((score) => Math.abs(score) < 1e300 && (score * stretch) / stretch === score));
      fc.pre([free, ...scores].every((score) => score === 0 || Math.abs(score) > 1e-290));
      const [one, other] = [
        fitCalibration(scores, kind),
        fitCalibration(
          scores.map((score) => score * stretch),
          kind,
        ),
      ];
      for (const score of [free, ...scores.slice(0, 20)]) {
        assert.equal(calibrate(other, score * stretch), calibrate(one, score));
      }
    },
  );

  property(
    "is read from data or refused with a sentence, whatever the data",
    [
      fc.oneof(
        fc.anything(),
        fc.record({ kind: fc.constant("minMax"), lowest: numberOrNot(), highest: numberOrNot(), references: count() }),
        fc.record({ kind: fc.constant("quantile"), knots: fc.array(numberOrNot(), { maxLength: 4 }), references: count() }), // prettier-ignore
      ),
      fc.array(asked(), { minLength: 2, maxLength: 5 }),
    ],
    (data, scores) => {
      let calibration;
      try {
        calibration = parseCalibration(data);
      } catch (error) {
        assert.match((error as Error).message, /^calibration: needs .+; given .+\.$/s);
        return;
      }
      const rising = [...scores].sort((a, b) => a - b);
      assertRisingRates(rising.map((score) => calibrate(calibration, score)));
    },
    { runs: 500 },
  );
});

describe("a calibration by quantiles", () => {
  property(
    "gives every reference its mean rank: to a hundredth, exactly where all references are kept",
    [references().filter((scores) => scores.length > 1)],
    (scores) => {
      const calibration = fitCalibration(scores, "quantile");
      /*
       * With K of N scores kept, level k/(K−1) lies at rank k(N−1)/(K−1). A reference of which no knot is equal lies between two knots,
       * and so do all its ranks between theirs: both its values are between two neighbouring levels. Where knots i … j are equal to it, its
       * ranks begin after level i−1 and at i at the latest, and end at j at the earliest and before j+1: the middles of both
       * ranges differ by less than half a level. A quotient and a sum of numbers in [0, 1] are rounded.
       */
      const knots = Math.min(101, scores.length);
      const tolerance = (scores.length <= 101 ? 0 : 1 / (knots - 1)) + 4 * Number.EPSILON;
      for (const score of scores) assertNear(calibrate(calibration, score), meanRank(scores, score), tolerance);
    },
  );

  property(
    "spreads its own references evenly: of distinct ones, the share at or below every level is that level",
    [fc.uniqueArray(fc.integer({ min: -5000, max: 5000 }), { minLength: 2, maxLength: 400, size: "max" }), fc.integer({ min: 0, max: 100 })], // prettier-ignore
    (scores, hundredths) => {
      const level = hundredths / 100;
      const calibration = fitCalibration(scores, "quantile");
      const share = scores.filter((score) => calibrate(calibration, score) <= level).length / scores.length;
      /*
       * Reference i of N has i/(N−1) to 1/100 (above; exactly for N ≤ 101), so those at or below the level are at least
       * ⌊(level − 1/100)(N−1)⌋ + 1 and at most ⌊(level + 1/100)(N−1)⌋ + 1: their share is off by 1/100 and one reference.
       */
      const tolerance = (scores.length <= 101 ? 0 : 1 / 100) + 1 / scores.length + 4 * Number.EPSILON;
      assertNear(share, level, tolerance);
    },
  );

  property(
    "rises strictly from knot to knot and between knots that differ",
    // whole scores, so that the middle of two knots is a number
    [fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 2, maxLength: 101, size: "max" })],
    (scores) => {
      const calibration = fitCalibration(scores, "quantile");
      const knots = [...new Set(scores)].sort((a, b) => a - b);
      const rising = knots.flatMap((knot, k) => (k === 0 ? [knot] : [(knots[k - 1] + knot) / 2, knot]));
      const values = rising.map((score) => calibrate(calibration, score));
      assert.ok(
        values.every((value, i) => i === 0 || value > values[i - 1]),
        `${values.join(", ")} do not rise`,
      );
    },
  );

  property(
    "does not see a strictly rising map of references that are all kept",
    [fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 101, size: "max" })],
    (scores) => {
      const cube = (score: number): number => score ** 3;
      const [one, other] = [fitCalibration(scores, "quantile"), fitCalibration(scores.map(cube), "quantile")];
      for (const score of scores) assert.equal(calibrate(other, cube(score)), calibrate(one, score));
    },
  );
});
