import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { calibrate, fitCalibration, parseCalibration, type CalibrationKind } from "../../src/crfiqa/calibration.js";

const kinds = ["minMax", "quantile"] as const;

describe("calibration by minimum and maximum", () => {
  it("is linear between the smallest and the largest reference, and held beyond them", () => {
    const calibration = fitCalibration([3, -1, 1], "minMax");
    assert.deepEqual(calibration, { kind: "minMax", lowest: -1, highest: 3, references: 3 });
    const scores = [-Infinity, -5, -1, 0, 1, 2, 3, 4, Infinity];
    assert.deepEqual(
      scores.map((score) => calibrate(calibration, score)),
      [0, 0, 0, 0.25, 0.5, 0.75, 1, 1, 1],
    );
  });
});

describe("calibration by quantiles", () => {
  it("is the share of the references that score lower, linear between two of them", () => {
    const calibration = fitCalibration([10, 0, 1, 2, 4], "quantile");
    assert.deepEqual(calibration, { kind: "quantile", knots: [0, 1, 2, 4, 10], references: 5 });
    const scores = [-Infinity, -1, 0, 0.5, 1, 2, 3, 7, 10, 11, Infinity];
    assert.deepEqual(
      scores.map((score) => calibrate(calibration, score)),
      [0, 0, 0, 0.125, 0.25, 0.5, 0.625, 0.875, 1, 1, 1],
    );
  });

  it("gives equal references the middle of their ranks, and jumps there", () => {
    const calibration = fitCalibration([0, 5, 5, 5, 9], "quantile");
    // ranks of the fives: 1, 2, 3 of 0 … 4
    assert.deepEqual(
      [2.5, 5, 7].map((score) => calibrate(calibration, score)),
      [0.125, 0.5, 0.875],
    );
  });

  it("keeps 101 quantiles of a larger reference set", () => {
    const references = Array.from({ length: 1001 }, (_, i) => i ** 2);
    const calibration = fitCalibration(references, "quantile");
    assert.ok(calibration.kind === "quantile");
    // 1000 / 100: every tenth reference is a knot
    assert.deepEqual(
      calibration.knots,
      Array.from({ length: 101 }, (_, k) => (10 * k) ** 2),
    );
    assert.equal(calibrate(calibration, 250_000), 0.5);
  });

  it("interpolates quantiles between two references", () => {
    const references = Array.from({ length: 151 }, (_, i) => i);
    const calibration = fitCalibration(references, "quantile");
    assert.ok(calibration.kind === "quantile");
    assert.deepEqual(calibration.knots.slice(0, 4), [0, 1.5, 3, 4.5]); // 150 / 100 references a knot
  });
});

describe("calibration of either kind", () => {
  for (const kind of kinds) {
    it(`${kind}: a constant reference set knows lower, equal and higher`, () => {
      for (const scores of [[2], [2, 2, 2], new Float32Array(500).fill(2)]) {
        const calibration = fitCalibration(scores, kind);
        assert.deepEqual(
          [1.99, 2, 2.01].map((score) => calibrate(calibration, score)),
          [0, 0.5, 1],
        );
      }
    });

    it(`${kind}: refuses references without a score, and scores that are no number`, () => {
      assert.throws(() => fitCalibration([], kind), /at least one reference score; given none/);
      assert.throws(() => fitCalibration([1, NaN, 2], kind), /must be finite, but score 1 of 3 is NaN/);
      assert.throws(() => fitCalibration([Infinity], kind), /must be finite, but score 0 of 1 is Infinity/);
      assert.throws(() => fitCalibration([1e308, -1e308], kind), /whose span is a number; given -1e\+308 … 1e\+308/);
      assert.throws(() => calibrate(fitCalibration([1, 2], kind), NaN), /a score must be a number, but it is NaN/);
    });

    it(`${kind}: leaves the references as they are`, () => {
      const scores = [3, 1, 2];
      fitCalibration(scores, kind);
      assert.deepEqual(scores, [3, 1, 2]);
    });
  }

  it("refuses a kind that does not exist", () => {
    assert.throws(() => fitCalibration([1], "rank" as CalibrationKind), /\(minMax or quantile\); given "rank"/);
  });
});

describe("parsing a calibration", () => {
  const minMax = { kind: "minMax", lowest: 0, highest: 1, references: 2 };
  const quantile = { kind: "quantile", knots: [0, 1, 1, 2], references: 4 };

  it("reads what was written, and nothing else of it", () => {
    for (const written of [minMax, quantile]) {
      assert.deepEqual(parseCalibration({ ...written, comment: "mine" }), written);
    }
  });

  const refused: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /needs an object; given nothing/],
    [null, /needs an object; given null/],
    ["minMax", /needs an object; given "minMax"/],
    [[], /needs references ≥ 1; given nothing/],
    [{ ...minMax, references: 0 }, /needs references ≥ 1; given 0/],
    [{ ...minMax, references: 1.5 }, /needs references ≥ 1; given 1.5/],
    [{ ...minMax, references: "2" }, /needs references ≥ 1; given "2"/],
    [{ ...minMax, kind: "rank" }, /needs a kind \(minMax or quantile\); given "rank"/],
    [{ ...minMax, lowest: NaN }, /needs finite lowest and highest; given NaN/],
    [{ ...minMax, highest: undefined }, /needs finite lowest and highest; given nothing/],
    [{ ...minMax, highest: "1" }, /needs finite lowest and highest; given "1"/],
    [{ ...minMax, lowest: 2 }, /needs ascending lowest and highest; given 2, 1/],
    [{ ...minMax, lowest: -1e308, highest: 1e308 }, /whose span is a number; given -1e\+308 … 1e\+308/],
    [{ ...quantile, knots: undefined }, /needs a list of knots; given nothing/],
    [{ ...quantile, knots: { length: 2 } }, /needs a list of knots; given an object/],
    [{ ...quantile, knots: [1] }, /needs 2 to 101 knots; given 1/],
    [{ ...quantile, knots: Array.from({ length: 102 }, (_, i) => i) }, /needs 2 to 101 knots; given 102/],
    [{ ...quantile, knots: [0, 2, 1] }, /needs ascending knots; given 2, 1/],
    [{ ...quantile, knots: [0, null] }, /needs finite knots; given null/],
    [{ ...quantile, knots: [0, [1]] }, /needs finite knots; given a list/],
  ];
  for (const [value, sentence] of refused) {
    it(`refuses ${JSON.stringify(value)?.slice(0, 60)}: ${sentence.source}`, () => {
      assert.throws(() => parseCalibration(value), sentence);
    });
  }
});
