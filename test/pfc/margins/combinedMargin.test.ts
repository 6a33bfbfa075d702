import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { arcFace } from "../../../src/pfc/margins/arcFace.js";
import { combinedMargin } from "../../../src/pfc/margins/combinedMargin.js";
import { cosFace } from "../../../src/pfc/margins/cosFace.js";
import { generalMargin } from "../../../src/pfc/margins/generalMargin.js";
import { allDegrees, ask } from "./angles.js";

const cosines = allDegrees.map(Math.cos);

describe("a published triple", () => {
  test("with m3 > 0 is CosFace, whatever m1 and m2 say, as in the public code", () => {
    const expected = ask(cosFace({ scale: 32, margin: 0.2 }), cosines);
    assert.deepEqual(ask(combinedMargin({ scale: 32, m1: 1, m2: 0.3, m3: 0.2 }), cosines), expected);
    assert.deepEqual(ask(combinedMargin({ scale: 32, m1: 2, m2: 0, m3: 0.2 }), cosines), expected);
  });

  test("(1, m, 0) is ArcFace with the straight-through gradient that wraps", () => {
    const expected = ask(arcFace({ margin: 0.5, gradient: "straight-through", beyondPi: "wrap" }), cosines);
    assert.deepEqual(ask(combinedMargin({ m1: 1, m2: 0.5, m3: 0 }), cosines), expected);
  });

  test("with m1 other than 1 and no m3 is refused, as there", () => {
    assert.throws(() => combinedMargin({ m1: 1.35, m2: 0, m3: 0 }), /\(1.35, 0, 0\).*formula/);
  });

  test("means what it says in the reading of the formula", () => {
    const triple = { scale: 32, m1: 0.9, m2: 0.3, m3: 0.2 };
    assert.deepEqual(
      ask(combinedMargin({ ...triple, reading: "formula" }), cosines),
      ask(generalMargin(triple), cosines),
    );
  });
});
