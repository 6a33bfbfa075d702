import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  constantRate,
  cosine,
  epochCosine,
  multiStep,
  oneCycle,
  polynomial,
  type Schedule,
} from "../../src/nn/schedules.js";

/** Rates are a handful of float64 operations on numbers up to 1. */
const TOLERANCE = 1e-12;

function assertRates(schedule: Schedule, expected: readonly number[]): void {
  for (const [step, rate] of expected.entries()) {
    assert.ok(Math.abs(schedule(step).rate - rate) < TOLERANCE, `step ${step}: ${schedule(step).rate}, not ${rate}`);
  }
}

describe("schedules", () => {
  it("stays constant", () => {
    assertRates(constantRate(0.3), [0.3, 0.3, 0.3]);
  });

  it("rises linearly to the full rate, then falls linearly to zero", () => {
    assertRates(polynomial({ rate: 1, warmup: 4, total: 9 }), [0.25, 0.5, 0.75, 1, 1, 0.8, 0.6, 0.4, 0.2, 0, 0]);
  });

  it("never rises above the full rate, however long the warm-up is", () => {
    assertRates(polynomial({ rate: 1, warmup: 1.5, total: 4 }), [2 / 3, 1, 1 - 0.5 / 2.5, 1 - 1.5 / 2.5, 0]);
    assertRates(cosine({ rate: 1, warmup: 1.5, total: 4 }), [2 / 3, 1]);
  });

  it("falls with the power asked for", () => {
    assertRates(polynomial({ rate: 16, total: 4, power: 2 }), [16, 9, 4, 1, 0]);
  });

  it("starts at the full rate and warms up a step late where the public code is to be followed", () => {
    const schedule = polynomial({ rate: 1, warmup: 4, total: 9, firstStepAtFullRate: true });
    assertRates(schedule, [1, 0.25, 0.5, 0.75, 1, 0.8, 0.6, 0.4, 0.2, 0]);
  });

  it("takes a negative warm-up for none, as the public code's chained form does", () => {
    const schedule = polynomial({ rate: 0.8, warmup: -2, total: 8 });
    assertRates(schedule, [0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0]);
  });

  it("follows half a cosine after the warm-up", () => {
    const half = Math.SQRT1_2 / 2;
    assertRates(cosine({ rate: 1, warmup: 2, total: 6 }), [0.5, 1, 1, 0.5 + half, 0.5, 0.5 - half, 0]);
    assertRates(cosine({ rate: 1, total: 2, final: 0.2 }), [1, 0.6, 0.2, 0.2]);
  });

  it("divides the rate at every milestone", () => {
    const schedule = multiStep({ rate: 1, milestones: [2, 3], factor: 0.5 });
    assertRates(schedule, [1, 1, 0.5, 0.25, 0.25]);
  });

  it("goes through one cycle of rate and momentum in opposite directions", () => {
    const schedule = oneCycle({ rate: 1, total: 9, rising: 5 / 9, startDivisor: 4, finalDivisor: 10 });
    // steps 0 … 4 rise from 1/4 to 1, steps 4 … 8 fall to 1/40; halfway a cosine is at the mean
    assertRates(schedule, [0.25]);
    assert.ok(Math.abs(schedule(2).rate - (0.25 + 1) / 2) < TOLERANCE);
    assert.ok(Math.abs(schedule(4).rate - 1) < TOLERANCE);
    assert.ok(Math.abs(schedule(6).rate - (1 + 0.025) / 2) < TOLERANCE);
    assert.ok(Math.abs(schedule(8).rate - 0.025) < TOLERANCE);
    const momentum = [0, 2, 4, 6, 8].map((step) => schedule(step).momentum!);
    for (const [position, expected] of [0.95, 0.9, 0.85, 0.9, 0.95].entries()) {
      assert.ok(Math.abs(momentum[position] - expected) < TOLERANCE);
    }
  });

  it("puts the top of the cycle between two steps where the rising share asks for it", () => {
    // 25 steps, a tenth rising: the top is at 1.5, so step 1 is two thirds up and step 2 one 45th down
    const schedule = oneCycle({ rate: 1, total: 25, rising: 0.1 });
    const up = 0.04 + ((1 - 0.04) / 2) * (1 - Math.cos((Math.PI * 2) / 3));
    const down = 1 - ((1 - 4e-6) / 2) * (1 - Math.cos(Math.PI / 45));
    assertRates(schedule, [0.04, up, down]);
  });

  it("moves the cosine once an epoch, under a factor that rises from a tenth", () => {
    // four epochs of two steps: cosines 1, 0 and ±√½; factors 0.1, 0.55, 1, 1
    const schedule = epochCosine({ rate: 2, stepsPerEpoch: 2, epochs: 4, warmupEpochs: 2 });
    const [second, last] = [0.55 * (1 + Math.SQRT1_2), 1 - Math.SQRT1_2];
    assertRates(schedule, [0.2, 0.2, second, second, 1, 1, last, last, 0, 0]);
  });

  it("leaves momentum alone when told to", () => {
    assert.equal(oneCycle({ rate: 1, total: 10, momentum: false })(3).momentum, undefined);
  });

  it("refuses a warm-up that never ends", () => {
    assert.throws(() => polynomial({ rate: 1, warmup: 10, total: 10 }), /10 steps of warm-up and 10 in all/);
    assert.throws(() => cosine({ rate: 1, warmup: 3, total: 2 }), /3 steps of warm-up and 2 in all/);
    const epochs = { rate: 1, stepsPerEpoch: 5, epochs: 4 };
    assert.throws(() => epochCosine({ ...epochs, warmupEpochs: 4 }), /4 epochs of warm-up and 4 in all/);
    assert.throws(() => epochCosine({ ...epochs, epochs: 0 }), /0 epochs of warm-up and 0 in all/);
    assert.throws(() => epochCosine({ ...epochs, stepsPerEpoch: 2.5 }), /whole number of steps from 1; given 2.5/);
    assert.throws(() => oneCycle({ rate: 1, total: 1 }), /at least two steps; given 1/);
    assert.throws(() => oneCycle({ rate: 1, total: 9, rising: 1.5 }), /lies in \[0, 1\]; given 1.5/);
  });
});
