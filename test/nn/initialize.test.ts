import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  constantValue,
  kaimingNormalFanOut,
  normal,
  parameterKey,
  truncatedNormal,
  uniform,
  uniformFanIn,
  type Initializer,
} from "../../src/nn/initialize.js";
import type { Shape } from "../../src/tensor/shape.js";

const SHAPE = [40, 25, 5, 5]; // 25,000 values

function draw(initialize: Initializer, shape: Shape = SHAPE, name = "weight"): Float64Array {
  const values = new Float64Array(shape.reduce((a, b) => a * b, 1));
  initialize(values, shape, parameterKey(0, name));
  return values;
}

/** Mean and root mean square deviation. */
function moments(values: Float64Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(square) };
}

/** Five standard errors of n draws: of the mean, and of the deviation of a normal (which is the wider of the two kinds). */
function assertMoments(values: Float64Array, deviation: number): void {
  const found = moments(values);
  const error = (5 * deviation) / Math.sqrt(values.length);
  assert.ok(Math.abs(found.mean) < error, `mean ${found.mean}`);
  assert.ok(Math.abs(found.deviation - deviation) < error, `deviation ${found.deviation}, not ${deviation}`);
}

describe("initial values", () => {
  it("have the deviation that is asked for", () => {
    assertMoments(draw(normal(0.1)), 0.1);
    assertMoments(draw(uniform(0.3)), 0.3 / Math.sqrt(3));
    assertMoments(draw(uniformFanIn(25 * 25)), 1 / 25 / Math.sqrt(3));
    assertMoments(draw(kaimingNormalFanOut()), Math.sqrt(2 / (40 * 25)));
    assertMoments(draw(kaimingNormalFanOut(), [100, 250]), Math.sqrt(2 / 100));
  });

  it("stay within their bounds", () => {
    assert.ok(draw(uniform(0.3)).every((value) => Math.abs(value) <= 0.3));
    const cut = draw(truncatedNormal(0.02));
    assert.ok(cut.every((value) => Math.abs(value) <= 0.04));
    // the deviation of a normal cut at ±2: √(1 − 4 φ(2) / (2 Φ(2) − 1))
    const density = Math.exp(-2) / Math.sqrt(2 * Math.PI);
    assertMoments(cut, 0.02 * Math.sqrt(1 - (4 * density) / 0.9544997361));
    assert.ok(draw(constantValue(0.25)).every((value) => value === 0.25));
  });

  it("are the same for the same name and others for another", () => {
    assert.deepEqual(draw(normal(1)), draw(normal(1)));
    assert.notDeepEqual(draw(normal(1), SHAPE, "a"), draw(normal(1), SHAPE, "b"));
  });

  it("do not repeat from row to row", () => {
    assert.equal(new Set(draw(normal(1))).size, draw(normal(1)).length);
  });
});
