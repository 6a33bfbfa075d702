/** Margins change one cosine in a row, by the formula in the angle, on all of [0, π]. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { angleBatches, anglesBefore, anglesBeyond, type AngleBatch } from "../arbitraries/angles.js";
import { marginChoices, scales, toMargin, type MarginChoice } from "../arbitraries/margins.js";
import { property } from "../property.js";
import { answer } from "./answer.js";
import { byAngle } from "./byAngle.js";
import { exact, roundingOf, single } from "../engines.js";

/** A margin and an angle on either side of the angle at which it changes its formula. */
function choicesWithAngle(gap?: number): fc.Arbitrary<{ choice: MarginChoice; theta: number }> {
  return marginChoices().chain((choice) => {
    const beyond = Math.PI - byAngle(choice).kink;
    const theta = beyond > 2e-3 ? fc.oneof(anglesBefore(beyond, gap), anglesBeyond(beyond, gap)) : anglesBefore(0);
    return fc.record({ choice: fc.constant(choice), theta });
  });
}

function logits(choice: MarginChoice, { rows, columns, theta, labels }: AngleBatch): number[] {
  const margin = toMargin(choice);
  return answer(exact, theta.map(Math.cos), [rows, columns], (x) => margin.logits(x, Int32Array.from(labels))).y;
}

function targetLogit(choice: MarginChoice, theta: number): number {
  return logits(choice, { rows: 1, columns: 1, theta: [theta], labels: [0] })[0];
}

describe("a margin", () => {
  property(
    "gives the right class s times its formula in the angle, on all of [0, π]",
    [choicesWithAngle()],
    ({ choice, theta }) => {
      // A cosine is off by 2^-53, so its angle by 2^-53/sin θ, and by no more than √2·2^-53 near a pole; the formulas are no
      // steeper than m₁ <= 2 in the angle. A dozen roundings of numbers up to 3 come besides.
      const { value, held } = byAngle(choice);
      const sine = Math.max(Math.sin(theta), Math.sin(held), 1e-8);
      const allowed = choice.scale * 2 ** -53 * (36 + 4 / sine);
      const expected = choice.scale * value(theta);
      const actual = targetLogit(choice, theta);
      assert.ok(Math.abs(actual - expected) <= allowed, `${actual}, by the angle ${expected} (allowed ${allowed})`);
    },
    { runs: 1000 },
  );

  property(
    "changes the column of the right class only, and no row whose class another rank owns",
    [marginChoices(), angleBatches()],
    (choice, batch) => {
      for (const [position, logit] of logits(choice, batch).entries()) {
        if (position % batch.columns === batch.labels[Math.floor(position / batch.columns)]) continue;
        assert.equal(logit, choice.scale * Math.cos(batch.theta[position]), `element ${position}`);
      }
    },
    { runs: 300 },
  );

  property("of 0 is plain scaling by s", [scales(), angleBatches()], (scale, batch) => {
    const none: MarginChoice[] = [
      { kind: "cosFace", scale, margin: 0 },
      { kind: "general", scale, triple: [1, 0, 0] },
      { kind: "arcFace", scale, margin: 0, gradient: "exact", beyondPi: "affine" },
      { kind: "arcFace", scale, margin: 0, gradient: "exact", beyondPi: "wrap" },
      { kind: "arcFace", scale, margin: 0, gradient: "straight-through", beyondPi: "wrap" },
    ];
    for (const choice of none) {
      // where a slope is exact the cosine is held 1e-7 away from ±1; for the rest two roundings
      const allowed = scale * (byAngle(choice).held > 0 ? 1.01e-7 : 1e-15);
      for (const [position, logit] of logits(choice, batch).entries()) {
        assert.ok(Math.abs(logit - scale * Math.cos(batch.theta[position])) <= allowed, `${choice.kind}, ${position}`);
      }
    }
  });

  property(
    "is proportional to the scale",
    [marginChoices(), scales(), angleBatches()],
    (choice, scale, batch) => {
      const one = logits({ ...choice, scale: 1 }, batch);
      for (const [position, logit] of logits({ ...choice, scale }, batch).entries()) {
        assert.equal(logit, scale * one[position]); // the scale is the last factor, rounded once in either
      }
    },
    { runs: 200 },
  );

  for (const engine of single) {
    property(
      `gives in float32 what it gives in float64 (${engine.name})`,
      // off the kink by more than a float32 cosine can blur; off the poles, where the hold at 1 − 1e-7 is no float32 number
      [choicesWithAngle(1e-3).filter(({ theta }) => theta > 0.01 && theta < Math.PI - 0.01)],
      ({ choice, theta }) => {
        const cosine = Math.fround(Math.cos(theta));
        const margin = toMargin(choice);
        const [a, b] = [engine, exact].map(
          (either) => answer(either, [cosine], [1, 1], (x) => margin.logits(x, Int32Array.of(0))).y[0],
        );
        // arc cosine and cosine are right to a few units of numbers up to π·m₁ + m₂ < 8; the rest is sums of numbers up to 3
        const allowed = choice.scale * roundingOf(engine) * 64;
        assert.ok(Math.abs(a - b) <= allowed, `${a} and ${b} (allowed ${allowed})`);
      },
      { runs: 300 },
    );
  }
});
