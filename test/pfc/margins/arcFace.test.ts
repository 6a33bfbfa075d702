import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { constant } from "../../../src/autograd/index.js";
import { arcFace } from "../../../src/pfc/margins/arcFace.js";
import { ReferenceEngine } from "../../../src/tensor/engines/reference/index.js";
import { allDegrees, ask, degrees, near, OTHERS } from "./angles.js";

const SCALE = 64;
/** float64 rounding of a few operations on numbers up to 64; at 1° the arc cosine of the expectation loses two more digits. */
const ROUNDING = 1e-11;
const cosines = allDegrees.map(Math.cos);
const inside = allDegrees.slice(1, -1);

describe("ArcFace", () => {
  for (const margin of [0.1, 0.5, 1.2]) {
    test(`is s·cos(θ + m) at the target and, past π, s·(cos θ − m·sin m): all angles, m = ${margin}`, () => {
      const { target } = ask(arcFace({ scale: SCALE, margin }), inside.map(Math.cos));
      const expected = inside.map((theta) =>
        theta + margin < Math.PI
          ? SCALE * Math.cos(theta + margin)
          : SCALE * (Math.cos(theta) - margin * Math.sin(margin)),
      );
      assert.ok(near(target, expected, ROUNDING));
    });

    test(`wraps past π when asked to: all angles, 0° and 180° included, m = ${margin}`, () => {
      const { target } = ask(
        arcFace({ scale: SCALE, margin, gradient: "straight-through", beyondPi: "wrap" }),
        cosines,
      );
      assert.ok(
        near(
          target,
          allDegrees.map((theta) => SCALE * Math.cos(theta + margin)),
          // near 180° cos θ is known to 1e-16, so sin θ only to about 1e-8
          1e-6,
        ),
      );
    });

    test(`has the slope s·sin(θ + m)/sin θ when exact, and s when straight-through: m = ${margin}`, () => {
      const exact = ask(arcFace({ scale: SCALE, margin, beyondPi: "wrap" }), inside.map(Math.cos)).slope;
      const through = ask(
        arcFace({ scale: SCALE, margin, gradient: "straight-through", beyondPi: "wrap" }),
        inside.map(Math.cos),
      ).slope;
      const ratio = inside.map((theta) => Math.sin(theta + margin) / Math.sin(theta));
      assert.ok(
        near(
          exact.map((slope, i) => slope / through[i]),
          ratio,
          1e-9, // 1/sin θ is 57 at 1°, and the cosine's rounding is magnified by its cube
        ),
      );
      assert.ok(through.every((slope) => slope === SCALE));
    });
  }

  test("with the affine tail the target logit falls from 0° to 180° without exception; wrapped it rises again", () => {
    const rises = (logits: number[]): number => logits.filter((logit, i) => i > 0 && logit >= logits[i - 1]).length;
    assert.equal(rises(ask(arcFace({ margin: 0.5 }), cosines).target), 0);
    // π − 0.5 is 151.35°: the 29 steps from 151° on
    assert.equal(rises(ask(arcFace({ margin: 0.5, beyondPi: "wrap" }), cosines).target), 29);
  });

  test("is finite, value and slope, at |cos θ| = 1", () => {
    for (const beyondPi of ["affine", "wrap"] as const) {
      const { target, slope } = ask(arcFace({ scale: SCALE, beyondPi }), [1, -1]);
      assert.ok([...target, ...slope].every(Number.isFinite));
      // the cosine is held 1e-7 away from 1, which is √2e-7 = 4.5e-4 in angle
      assert.ok(Math.abs(target[0] - SCALE * Math.cos(0.5)) < SCALE * 5e-4);
    }
  });

  test("leaves the other classes, and rows whose class is elsewhere, at s·cos θ", () => {
    for (const gradient of ["exact", "straight-through"] as const) {
      const mine = ask(arcFace({ scale: SCALE, gradient }), [0.5]);
      assert.deepEqual(
        mine.others[0],
        OTHERS.map((cosine) => SCALE * cosine),
      );
      assert.deepEqual(mine.otherSlopes[0], [SCALE, SCALE]);
      const elsewhere = ask(arcFace({ scale: SCALE, gradient }), [0.5], -1);
      assert.deepEqual([elsewhere.target, elsewhere.slope], [[SCALE * 0.5], [SCALE]]);
    }
  });

  test("costs no tape when straight-through: a result of constants is a constant", () => {
    const engine = new ReferenceEngine("float64");
    const logits = arcFace().logits(constant(engine.tensor([0.5, 0.1], [1, 2])), Int32Array.of(0));
    assert.equal(logits.requiresGrad, false);
  });

  test("refuses a margin that is no angle, and a scale that is not positive", () => {
    assert.throws(() => arcFace({ margin: -0.1 }), /\[0, π\).*-0.1/);
    assert.throws(() => arcFace({ margin: degrees(180) }), /\[0, π\)/);
    assert.throws(() => arcFace({ scale: 0 }), /scale.*given 0/);
    assert.throws(() => arcFace({ margin: Number.NaN }), /margin.*NaN/);
  });
});
