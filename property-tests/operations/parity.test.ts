/**
 * Every operation, forward and backward, on every float32 engine, against float64.
 *
 * What an element may be off is not one constant: `RoundoffEngine` follows forward and backward step by step and bounds the error of
 * each element, from n·u·Σ|a·b| for sums of products to nothing at all where elements only move.
 */
import { describe } from "node:test";
import assert from "node:assert/strict";
import { answer, bounds, type Bounds } from "./answer.js";
import { assertAnswer, assertSameBits } from "./close.js";
import { float32Engines } from "./engines.js";
import { everyOperation } from "./everyOperation.js";

/** Their wide calls reach a pole, where float32 has no digits; anywhere else, an infinite bound would excuse every answer. */
const WITH_POLES = ["power", "arccos"];

function assertPromised({ allowed }: Bounds): void {
  for (const errors of [allowed.y, ...allowed.gradients]) {
    assert.ok(!Array.from(errors ?? []).includes(Infinity), "the formula overflows or divides by 0: no digit is left");
  }
}

describe("float32 agrees with float64, and with itself on any number of threads", () => {
  const engines = float32Engines();
  everyOperation("wide", (operation, call) => {
    const expected = bounds(operation, call);
    if (!WITH_POLES.includes(operation.definition.name)) assertPromised(expected);
    const answers = engines.map((engine) => answer(engine, operation, call));
    for (const [i, actual] of answers.entries()) assertAnswer(actual, expected, engines[i].name);
    const [single, double] = answers;
    assertSameBits(double, single, "two threads give the bits of one");
  });
});
