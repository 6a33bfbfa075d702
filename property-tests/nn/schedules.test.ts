/** Learning rates: each schedule against its closed form, and what all of them promise. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import {
  constantRate,
  cosine,
  epochCosine,
  multiStep,
  oneCycle,
  polynomial,
  type Schedule,
} from "../../src/nn/index.js";
import { property } from "../property.js";
import { evenly } from "../arbitraries/numbers.js";

const rates = evenly(1e-4, 10);
const spans = fc
  .integer({ min: 2, max: 2000 })
  .chain((total) => fc.record({ total: fc.constant(total), warmup: fc.nat({ max: total - 1 }) }));

/** A handful of operations in float64 on both sides, relative to the largest rate. */
function assertRate(actual: number, expected: number, largest: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= 2 ** -44 * largest, `${what}: ${actual}, not ${expected}`);
}

describe("every schedule", () => {
  /** Made twice, so that nothing the first has been asked can be known to the second. */
  const makers: fc.Arbitrary<() => Schedule> = fc.tuple(rates, spans).chain(([rate, { total, warmup }]) =>
    fc.constantFrom(
      () => constantRate(rate),
      () => polynomial({ rate, total, warmup, power: 2 }),
      () => cosine({ rate, total, warmup }),
      () => oneCycle({ rate, total }),
      () => multiStep({ rate, milestones: [warmup, total] }),
      () => epochCosine({ rate, stepsPerEpoch: 7, epochs: total, warmupEpochs: warmup }),
    ),
  );

  property(
    "is a function of the step alone, so that a run may resume anywhere",
    [makers, fc.array(fc.nat({ max: 3000 }), { minLength: 1, maxLength: 20 })],
    (make, steps) => {
      const asked = make();
      for (const step of steps) assert.deepEqual(asked(step), make()(step));
    },
  );

  property(
    "never exceeds its largest rate and never falls below 0",
    [rates, spans, fc.nat()],
    (rate, { total, warmup }, step) => {
      const schedules = [
        polynomial({ rate, total, warmup }),
        polynomial({ rate, total, warmup, firstStepAtFullRate: true }),
        cosine({ rate, total, warmup }),
        oneCycle({ rate, total }),
        multiStep({ rate, milestones: [warmup] }),
        epochCosine({ rate, stepsPerEpoch: 1, epochs: total, warmupEpochs: warmup }),
      ];
      for (const schedule of schedules) {
        for (const asked of [step, step % total, total - 1, total]) {
          const now = schedule(asked).rate;
          assert.ok(now >= 0 && now <= rate * (1 + 2 ** -50), `step ${asked}: ${now}`);
        }
      }
    },
  );
});

describe("warm-up", () => {
  property(
    "rises linearly to the full rate and meets the schedule there",
    [rates, spans],
    (rate, { total, warmup }) => {
      for (const schedule of [polynomial({ rate, total, warmup }), cosine({ rate, total, warmup })]) {
        for (let step = 0; step < warmup; step++) {
          assertRate(schedule(step).rate, (rate / warmup) * (step + 1), rate, `step ${step}`);
        }
        assertRate(schedule(warmup).rate, rate, rate, "the step after"); // as the last one: no jump
      }
    },
  );

  property(
    "starts at the full rate and is a step late after the public code",
    [rates, spans],
    (rate, { total, warmup }) => {
      const ours = polynomial({ rate, total, warmup });
      const published = polynomial({ rate, total, warmup, firstStepAtFullRate: true });
      assert.equal(published(0).rate, rate);
      for (let step = 1; step < warmup; step++)
        assertRate(published(step).rate, ours(step - 1).rate, rate, `step ${step}`);
      for (let step = Math.max(warmup, 1); step < total; step++) assert.equal(published(step).rate, ours(step).rate);
    },
  );
});

describe("the closed form of", () => {
  const powers = fc.oneof(fc.constantFrom(1, 2), evenly(0.25, 4));

  property(
    "polynomial decay: what is left of the steps after the warm-up, to a power; 0 from the end on",
    [rates, spans, powers],
    (rate, { total, warmup }, power) => {
      const schedule = polynomial({ rate, total, warmup, power });
      for (let step = warmup; step < total; step++) {
        const left = (total - step) / (total - warmup);
        // power ≤ 4 multiplies the relative rounding of what is left; a power below 1 does not enlarge it
        assertRate(schedule(step).rate, rate * Math.exp(power * Math.log(left)), rate, `step ${step}`);
      }
      for (const step of [total, total + 1, 10 * total]) assert.equal(schedule(step).rate, 0);
    },
  );

  property(
    "cosine decay: final + (rate − final) · cos²(π/2 · share), and final from the end on",
    [rates, spans, evenly(0, 1)],
    (rate, { total, warmup }, share) => {
      const final = share * rate;
      const schedule = cosine({ rate, total, warmup, final });
      for (let step = warmup; step < total; step++) {
        const quarter = ((Math.PI / 2) * (step - warmup)) / (total - warmup);
        assertRate(schedule(step).rate, final + (rate - final) * Math.cos(quarter) ** 2, rate, `step ${step}`);
      }
      for (const step of [total, total + 1, 10 * total]) assert.equal(schedule(step).rate, final);
      // one step from the end it is at most (π/2 / steps)² of the way off: no jump
      const last = (rate - final) * (Math.PI / 2 / (total - warmup)) ** 2;
      assert.ok(schedule(total - 1).rate - final <= last * (1 + 1e-9) + 2 ** -44 * rate);
    },
  );

  property(
    "the cosine by epochs: cos²(π/2 · epoch / epochs) in all of an epoch, times a factor that rises evenly to 1; 0 from the end on",
    [rates, fc.integer({ min: 1, max: 60 }), fc.nat({ max: 59 }), fc.integer({ min: 1, max: 9 }), evenly(0, 1)],
    (rate, epochs, drawn, stepsPerEpoch, warmupFactor) => {
      const warmupEpochs = drawn % epochs;
      const schedule = epochCosine({ rate, stepsPerEpoch, epochs, warmupEpochs, warmupFactor });
      for (let epoch = 0; epoch < epochs; epoch++) {
        const missing = epoch < warmupEpochs ? ((1 - warmupFactor) * (warmupEpochs - epoch)) / warmupEpochs : 0;
        const expected = rate * Math.cos(((Math.PI / 2) * epoch) / epochs) ** 2 * (1 - missing);
        for (let step = 0; step < stepsPerEpoch; step++)
          assertRate(schedule(epoch * stepsPerEpoch + step).rate, expected, rate, `epoch ${epoch}, step ${step}`);
      }
      for (const step of [0, 1, 1000]) assert.equal(schedule(epochs * stepsPerEpoch + step).rate, 0);
    },
  );

  property(
    "steps: the rate is divided at every milestone that has been reached, in whatever order they are given",
    [rates, fc.array(fc.nat({ max: 50 }), { maxLength: 6 }), evenly(0.05, 1)],
    (rate, milestones, factor) => {
      const schedule = multiStep({ rate, milestones, factor });
      const reversed = multiStep({ rate, milestones: [...milestones].reverse(), factor });
      let expected = rate;
      for (let step = 0; step <= 51; step++) {
        for (const milestone of milestones) if (milestone === step) expected *= factor;
        assertRate(schedule(step).rate, expected, rate, `step ${step}`);
        assert.deepEqual(reversed(step), schedule(step));
      }
    },
  );
});

describe("one cycle", () => {
  // rising · total whole and at least 2, so that a step is the top itself
  const cycles = fc
    .integer({ min: 3, max: 500 })
    .chain((total) => fc.record({ total: fc.constant(total), top: fc.integer({ min: 1, max: total - 2 }) }));
  const divisors = evenly(1, 100);

  property(
    "rises from rate / divisor to the rate and falls to the smallest, half a cosine each; momentum does the opposite",
    [rates, cycles, divisors, divisors],
    (rate, { total, top }, startDivisor, finalDivisor) => {
      const schedule = oneCycle({
        rate,
        total,
        rising: (top + 1) / total,
        startDivisor,
        finalDivisor,
        momentum: [0.85, 0.95],
      });
      const first = rate / startDivisor;
      const last = first / finalDivisor;
      for (let step = 0; step < total; step++) {
        const rises = step <= top;
        const angle = (Math.PI / 2) * (rises ? step / top : (step - top) / (total - 1 - top));
        const [rising, falling] = [Math.sin(angle) ** 2, Math.cos(angle) ** 2];
        const expected = rises ? first + (rate - first) * rising : last + (rate - last) * falling;
        const { rate: now, momentum } = schedule(step);
        assertRate(now, expected, rate * total, `rate at step ${step}`); // the top is rounded, and one share of `total` with it
        assertRate(momentum!, 0.95 - 0.1 * (rises ? rising : falling), total, `momentum at step ${step}`);
      }
      assertRate(schedule(10 * total).rate, last, rate, "after the end");
    },
  );

  property(
    "is symmetric where it rises for half of the steps and ends where it began",
    [rates, fc.integer({ min: 1, max: 300 }), divisors],
    (rate, half, startDivisor) => {
      const total = 2 * half + 1;
      const schedule = oneCycle({ rate, total, rising: (half + 1) / total, startDivisor, finalDivisor: 1 });
      for (let step = 0; step <= half; step++) {
        const mirrored = schedule(total - 1 - step);
        assertRate(mirrored.rate, schedule(step).rate, rate * total, `step ${step}`);
        assertRate(mirrored.momentum!, schedule(step).momentum!, total, `momentum at step ${step}`);
      }
      assertRate(schedule(half).rate, rate, rate * total, "the top");
    },
  );
});
