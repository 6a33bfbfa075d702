/** A worse angle should cost more: where ArcFace keeps that promise on [0, π], and where it does not. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { angles, angularMargins, anglesBefore, anglesBeyond } from "../arbitraries/angles.js";
import { scales, toMargin, type MarginChoice } from "../arbitraries/margins.js";
import { property } from "../property.js";
import { answer } from "./answer.js";
import { exact } from "../engines.js";
import { evenly } from "../arbitraries/numbers.js";

const gradients = fc.constantFrom("exact" as const, "straight-through" as const);

/** cos m + m·sin m is above 1 up to here: the affine tail starts that much below −1. */
const LARGEST_FALLING_MARGIN = 2.3311;

function logits(choice: MarginChoice, theta: readonly number[]): number[] {
  const margin = toMargin(choice);
  const labels = new Int32Array(theta.length);
  return answer(exact, theta.map(Math.cos), [theta.length, 1], (x) => margin.logits(x, labels)).y;
}

describe("ArcFace with the affine tail", () => {
  property(
    "never gives a worse angle a better logit, on all of [0, π]",
    [scales(), angularMargins(LARGEST_FALLING_MARGIN), gradients, angles(), angles()],
    (scale, margin, gradient, a, b) => {
      const theta = [Math.min(a, b), Math.max(a, b)];
      const [better, worse] = logits({ kind: "arcFace", scale, margin, gradient, beyondPi: "affine" }, theta);
      assert.ok(worse <= better + scale * 2 ** -49, `${better} at ${theta[0]}, ${worse} at ${theta[1]}`); // 16 roundings
    },
    { runs: 1000 },
  );

  property(
    "falls strictly between angles that are a thousandth apart, off the poles",
    [angularMargins(LARGEST_FALLING_MARGIN), evenly(0.01, Math.PI - 0.02)],
    (margin, theta) => {
      const choice = { kind: "arcFace", scale: 1, margin, gradient: "exact", beyondPi: "affine" } as const;
      const [better, worse] = logits(choice, [theta, theta + 1e-3]);
      // flattest just before π − m, where cos(θ + m) is a parabola: 1e-3²/2 over the whole step, a quarter of that at its worst
      assert.ok(worse < better - 1e-7, `${better} and ${worse}`);
    },
    { runs: 300 },
  );

  property(
    "jumps at π − m from −s to −s·(cos m + m·sin m): down for margins up to 2.331, up for larger ones",
    [scales(), angularMargins(3.1).filter((margin) => margin > 0.01), gradients],
    (scale, margin, gradient) => {
      const step = 1e-7;
      const around = [Math.PI - margin - step, Math.PI - margin + step];
      const [before, beyond] = logits({ kind: "arcFace", scale, margin, gradient, beyondPi: "affine" }, around);
      const landing = -(Math.cos(margin) + margin * Math.sin(margin));
      // before: a parabola, step²/2 away and rounding of the cosine; beyond: a slope of at most 1
      assert.ok(Math.abs(before + scale) <= scale * 1e-12, `before: ${before}`);
      assert.ok(Math.abs(beyond - scale * landing) <= scale * 1.01 * step, `beyond: ${beyond}`);
      if (margin < LARGEST_FALLING_MARGIN) assert.ok(beyond < before, "down");
      if (margin > LARGEST_FALLING_MARGIN + 1e-3) assert.ok(beyond > before, "up");
    },
    { runs: 300 },
  );
});

describe("ArcFace that wraps", () => {
  const wrapped = fc.record({
    kind: fc.constant("arcFace" as const),
    scale: scales(),
    margin: fc.oneof(fc.constant(0.5), evenly(0.05, 1.5)),
    gradient: gradients,
    beyondPi: fc.constant("wrap" as const),
  });

  property(
    "gives the worse of two angles beyond π − m the better logit: it is not monotone",
    [
      wrapped.chain((choice) =>
        fc.tuple(fc.constant(choice), anglesBeyond(choice.margin), anglesBeyond(choice.margin)),
      ),
    ],
    ([choice, a, b]) => {
      const theta = [Math.min(a, b), Math.max(a, b)];
      const [first, second] = logits(choice, theta);
      assert.ok(second >= first - choice.scale * 1e-7, `${first} and ${second}`); // held within 1e-7 of θ = π when exact
      // a thousandth apart: s·(1 − cos 0.001) = 5e-7·s at least, from the bottom of the curve
      if (theta[1] - theta[0] > 1e-3) assert.ok(second > first, `${first} and ${second}`);
    },
    { runs: 300 },
  );

  property(
    "falls up to π − m, and goes through −s there without a jump",
    [
      wrapped.chain((choice) =>
        fc.tuple(fc.constant(choice), anglesBefore(choice.margin), anglesBefore(choice.margin)),
      ),
    ],
    ([choice, a, b]) => {
      const { scale, margin } = choice;
      const [better, worse] = logits(choice, [Math.min(a, b), Math.max(a, b)]);
      assert.ok(worse <= better + scale * 2 ** -49, `${better} and ${worse}`);
      for (const logit of logits(choice, [Math.PI - margin - 1e-7, Math.PI - margin + 1e-7])) {
        assert.ok(Math.abs(logit + scale) <= scale * 1e-12, `${logit}`);
      }
    },
    { runs: 300 },
  );
});
