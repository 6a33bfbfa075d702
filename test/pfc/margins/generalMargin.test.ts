import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { arcFace } from "../../../src/pfc/margins/arcFace.js";
import { cosFace } from "../../../src/pfc/margins/cosFace.js";
import { generalMargin } from "../../../src/pfc/margins/generalMargin.js";
import { allDegrees, ask, near } from "./angles.js";

const inside = allDegrees.slice(1, -1);

describe("the general margin", () => {
  for (const [m1, m2, m3] of [
    [1, 0.3, 0.2],
    [0.9, 0.4, 0.15],
    [1.35, 0, 0],
  ]) {
    test(`is s·(cos(m₁θ + m₂) − m₃) with the slope s·m₁·sin(m₁θ + m₂)/sin θ: (${m1}, ${m2}, ${m3})`, () => {
      const { target, slope } = ask(generalMargin({ scale: 64, m1, m2, m3 }), inside.map(Math.cos));
      const value = inside.map((theta) => 64 * (Math.cos(m1 * theta + m2) - m3));
      const derivative = inside.map((theta) => (64 * m1 * Math.sin(m1 * theta + m2)) / Math.sin(theta));
      assert.ok(near(target, value, 1e-11));
      assert.ok(near(slope, derivative, 1e-8));
    });
  }

  test("contains ArcFace as (1, m, 0) and CosFace as (1, 0, m)", () => {
    const cosines = inside.map(Math.cos);
    const arc = ask(arcFace({ margin: 0.5, beyondPi: "wrap" }), cosines);
    const cosine = ask(cosFace({ margin: 0.4 }), cosines);
    assert.ok(near(ask(generalMargin({ m2: 0.5 }), cosines).target, arc.target, 1e-11));
    assert.ok(near(ask(generalMargin({ m2: 0.5 }), cosines).slope, arc.slope, 1e-8));
    assert.ok(near(ask(generalMargin({ m3: 0.4 }), cosines).target, cosine.target, 1e-11));
  });

  test("is finite at |cos θ| = 1", () => {
    const { target, slope } = ask(generalMargin({ m1: 1.2, m2: 0.1 }), [1, -1]);
    assert.ok([...target, ...slope].every(Number.isFinite));
  });
});
