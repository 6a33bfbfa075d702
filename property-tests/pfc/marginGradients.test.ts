/**
 * What a margin's slope is: that of its value when `exact`, that of CosFace when `straight-through`.
 *
 * Slopes are d z/d cos θ at the right class, by backward; values are asked again for central differences.
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import type { Engine } from "../../src/tensor/engine.js";
import { angleBatches, angles, angularMargins, anglesBefore, anglesBeyond } from "../arbitraries/angles.js";
import { arcFaces, marginChoices, scales, toMargin, type MarginChoice } from "../arbitraries/margins.js";
import { property } from "../property.js";
import { answer, type Answer } from "./answer.js";
import { byAngle, HELD } from "./byAngle.js";
import { engines, exact } from "../engines.js";
import { evenly } from "../arbitraries/numbers.js";

/** One row a cosine, one column. */
function ask(choice: MarginChoice, cosines: readonly number[], engine: Engine = exact): Answer {
  const margin = toMargin(choice);
  return answer(engine, cosines, [cosines.length, 1], (x) => margin.logits(x, new Int32Array(cosines.length)));
}

/**
 * Central difference of the value at cos θ, and how far it may be from the derivative. The step is h = 1e-5·sin²θ, in proportion to
 * the distance from ±1, and divided by as the two rounded cosines have it. Truncation: h²/6 times the third derivative, at most
 * 15·s·m₁³/sin⁵θ; rounding: values up to 3·s over h, where an angle that is taken from a cosine is off by another 2^-52·m₁.
 */
function difference(choice: MarginChoice, theta: number): { readonly slope: number; readonly allowed: number } {
  const sine = Math.sin(theta);
  const h = 1e-5 * sine ** 2;
  const [right, left] = [Math.cos(theta) + h, Math.cos(theta) - h];
  const [above, below] = ask(choice, [right, left]).y;
  const factor = choice.kind === "general" ? choice.triple[0] : 1;
  const allowed = choice.scale * ((3e-10 * factor ** 3) / sine + (2e-10 * (1 + factor)) / sine ** 2);
  return { slope: (above - below) / (right - left), allowed };
}

const exactChoices: fc.Arbitrary<MarginChoice> = marginChoices().filter(
  (choice) => choice.kind !== "combined" && !(choice.kind === "arcFace" && choice.gradient === "straight-through"),
);

/** Off the kink by 1e-4, more than ten times the step, and off the poles by more than the hold. */
function withAngle(choices: fc.Arbitrary<MarginChoice>): fc.Arbitrary<{ choice: MarginChoice; theta: number }> {
  return choices.chain((choice) => {
    const beyond = Math.PI - byAngle(choice).kink;
    const theta = beyond > 2e-3 ? fc.oneof(anglesBefore(beyond, 1e-4), anglesBeyond(beyond, 1e-4)) : anglesBefore(0);
    return fc.record({
      choice: fc.constant(choice),
      theta: theta.filter((angle) => angle > 1e-3 && angle < Math.PI - 1e-3),
    });
  });
}

const straightThrough = fc.record({
  kind: fc.constant("arcFace" as const),
  scale: scales(),
  margin: angularMargins(),
  gradient: fc.constant("straight-through" as const),
  beyondPi: fc.constantFrom("affine" as const, "wrap" as const),
});

describe("the slope of a margin", () => {
  property(
    "is that of its value when exact: central differences agree on both sides of π − m",
    [withAngle(exactChoices)],
    ({ choice, theta }) => {
      const { slope, allowed } = difference(choice, theta);
      const [actual] = ask(choice, [Math.cos(theta)]).gradient;
      assert.ok(Math.abs(actual - slope) <= allowed, `${actual}, by differences ${slope} (allowed ${allowed})`);
    },
    { runs: 500 },
  );

  property(
    "is the formula's in the angle, on all of [0, π], and 0 where the cosine is held off ±1",
    [
      marginChoices().chain((choice) => {
        const beyond = Math.PI - byAngle(choice).kink;
        const theta = beyond > 2e-3 ? fc.oneof(anglesBefore(beyond), anglesBeyond(beyond)) : angles();
        // not on the edge of the hold either
        const inside = theta.filter((angle) => Math.abs(Math.min(angle, Math.PI - angle) - HELD) > 1e-6);
        return fc.record({ choice: fc.constant(choice), theta: inside });
      }),
    ],
    ({ choice, theta }) => {
      const { slope, held } = byAngle(choice);
      const expected = choice.scale * slope(theta);
      // sin θ is known to 2^-53·cos θ/sin²θ of itself from a cosine rounded to 2^-53, and the slope is no larger than 2/sin θ
      const sine = Math.max(Math.sin(theta), Math.sin(held));
      const allowed = choice.scale * (held > 0 ? (2 ** -50 * (1 + 1 / sine ** 2)) / sine : 0);
      const [actual] = ask(choice, [Math.cos(theta)]).gradient;
      assert.ok(Math.abs(actual - expected) <= allowed, `${actual}, expected ${expected} (allowed ${allowed})`);
    },
    { runs: 500 },
  );

  property(
    "is s when straight-through, while differences of the value are sin(θ + m)/sin θ times that as long as θ + m < π",
    [
      straightThrough.chain((choice) => {
        const theta = anglesBefore(choice.margin, 1e-4).filter((angle) => angle > 1e-3);
        return fc.record({ choice: fc.constant(choice), theta });
      }),
    ],
    ({ choice, theta }) => {
      const { slope, allowed } = difference(choice, theta);
      const [through] = ask(choice, [Math.cos(theta)]).gradient;
      assert.equal(through, choice.scale);
      const ratio = Math.sin(theta + choice.margin) / Math.sin(theta);
      assert.ok(Math.abs(slope / through - ratio) <= allowed / through, `${slope / through}, expected ${ratio}`);
    },
    { runs: 300 },
  );

  property(
    "straight-through is too small for angles below (π − m)/2 and too large above",
    [straightThrough, evenly(0.01, 0.99)],
    (choice, share) => {
      const middle = (Math.PI - choice.margin) / 2;
      // by at least a hundredth of the way to either end, where both slopes differ clearly
      const [near, far] = [middle * share, middle + middle * (1 - share)];
      const cosines = [Math.cos(near), Math.cos(far)];
      const truth = ask({ ...choice, gradient: "exact" }, cosines).gradient;
      const through = ask(choice, cosines).gradient;
      assert.ok(near < HELD || truth[0] > through[0], `at ${near}: ${truth[0]} and ${through[0]}`);
      assert.ok(truth[1] < through[1], `at ${far}: ${truth[1]} and ${through[1]}`);
    },
  );

  property(
    "is 0 just before π − m; just beyond it is s on the affine tail, and of the wrong sign when wrapped",
    [scales(), angularMargins().filter((margin) => margin > 0.01)],
    (scale, margin) => {
      const step = 1e-6;
      const cosines = [Math.PI - margin - step, Math.PI - margin + step].map(Math.cos);
      const arc = { kind: "arcFace", scale, margin, gradient: "exact" } as const;
      const [before, beyond] = ask({ ...arc, beyondPi: "affine" }, cosines).gradient;
      const [beforeWrap, beyondWrap] = ask({ ...arc, beyondPi: "wrap" }, cosines).gradient;
      // sin(π ∓ step)/sin(m ± step) is step/sin m, and at most a hundredth of it more or less for m > 0.01
      const small = (scale * step) / Math.sin(margin);
      assert.ok(before > 0 && before < 1.02 * small, `before: ${before}`);
      assert.equal(beyond, scale);
      assert.ok(beforeWrap === before && beyondWrap < 0 && beyondWrap > -1.02 * small, `wrapped: ${beyondWrap}`);
    },
  );

  property(
    "is s at every other class, and at every class of a row that another rank owns",
    [marginChoices(), angleBatches()],
    (choice, { rows, columns, theta, labels }) => {
      const margin = toMargin(choice);
      const logits = answer(exact, theta.map(Math.cos), [rows, columns], (x) =>
        margin.logits(x, Int32Array.from(labels)),
      );
      for (const [position, slope] of logits.gradient.entries()) {
        if (position % columns !== labels[Math.floor(position / columns)]) assert.equal(slope, choice.scale);
      }
    },
    { runs: 200 },
  );

  for (const engine of engines) {
    property(
      `is finite at cos θ = ±1, and so is the value (${engine.name})`,
      [fc.oneof(marginChoices(), arcFaces())],
      (choice) => {
        // the numbers next to ±1 too: of float32 (2^-24) and of float64 (2^-53)
        const cosines = [1, -1, 1 - 2 ** -24, 2 ** -24 - 1, 1 - 2 ** -53, 2 ** -53 - 1];
        const { y, gradient } = ask(choice, cosines, engine);
        assert.ok([...y, ...gradient].every(Number.isFinite), `${y.join()} with slopes ${gradient.join()}`);
      },
      { runs: 100 },
    );
  }
});
