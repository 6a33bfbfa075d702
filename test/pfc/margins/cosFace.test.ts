import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { cosFace } from "../../../src/pfc/margins/cosFace.js";
import { allDegrees, ask, near } from "./angles.js";

describe("CosFace", () => {
  test("is s·(cos θ − m) at the target and s·cos θ elsewhere, at all angles", () => {
    const { target, others } = ask(cosFace({ scale: 30, margin: 0.35 }), allDegrees.map(Math.cos));
    assert.ok(
      near(
        target,
        allDegrees.map((theta) => 30 * (Math.cos(theta) - 0.35)),
        1e-13,
      ),
    );
    assert.ok(others.every(([a, b]) => a === 30 * 0.3 && b === 30 * -0.2));
  });

  test("has the slope s everywhere", () => {
    const { slope, otherSlopes } = ask(cosFace({ scale: 30 }), allDegrees.map(Math.cos));
    assert.ok([...slope, ...otherSlopes.flat()].every((value) => value === 30));
  });

  test("leaves rows alone whose class is elsewhere", () => {
    assert.deepEqual(ask(cosFace({ scale: 32 }), [0.5, -1], -1).target, [16, -32]);
  });
});
