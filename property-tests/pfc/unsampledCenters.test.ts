/**
 * Centers that no step sampled (Partial FC, section 3.2: only the sample is updated), on any number of ranks.
 *
 * `sparse`, the paper: not a bit of them changes, and their momentum waits. `dense`, today's public layer: their gradient is 0, so that
 * decay shrinks them and momentum carries them on, both in closed form.
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { AdamW, SGD } from "../../src/nn/index.js";
import type { PartialFC } from "../../src/pfc/partialFC.js";
import { headProblems, ratios, type HeadProblem } from "../arbitraries/headProblems.js";
import { assertWithin } from "../operations/close.js";
import { property } from "../property.js";
import { exact } from "../engines.js";
import { runHeads, type HeadRun, type HeadSettings } from "./headsOnRanks.js";
import { margin } from "./plainHead.js";

const problems = (): fc.Arbitrary<HeadProblem> => headProblems({ maxRanks: 4, maxSteps: 5, regular: true });
const rates = fc.constantFrom(0.01, 0.1, 0.5);
const momenta = fc.constantFrom(0, 0.5, 0.9);
const decays = fc.constantFrom(0, 5e-4, 0.1);

const train = (problem: HeadProblem, settings: Omit<HeadSettings, "margin">): Promise<HeadRun> =>
  runHeads(exact, problem.ranks, problem, { margin, ...settings });

const sgd = (rate: number, momentum: number, decay: number): HeadSettings["optimizer"] => ({
  rate,
  make: (of: PartialFC) => new SGD(of, { momentum, decay }),
});

/** The last step that sampled the class; −1: none. */
const lastSampled = ({ steps }: HeadRun, j: number): number =>
  steps.findLastIndex(({ sampled }) => sampled.includes(j));

const rowOf = <T>(values: ArrayLike<T>, row: number, columns: number): T[] =>
  Array.from({ length: columns }, (_, e) => values[row * columns + e]);

/** Elements of a row after so many steps with one rounding or a few each. */
const near = (steps: number, expected: readonly number[]): number[] =>
  expected.map((value) => 8 * (steps + 1) * 2 ** -53 * (Math.abs(value) + 4));

describe("centers that are not sampled", () => {
  property(
    "sparse: keep every bit since they last were",
    [problems(), ratios(), rates, momenta, decays],
    async (problem, ratio, rate, momentum, decay) => {
      const { classes, embedding, centers, batches } = problem;
      const settings = { ratio, update: "sparse" as const, optimizer: sgd(rate, momentum, decay) };
      const run = await train(problem, settings);
      const until = [Array.from(centers)]; // centers before step 0, 1, …
      for (let steps = 1; steps <= batches.length; steps++) {
        until.push([...(await train({ ...problem, batches: batches.slice(0, steps) }, settings)).centers]);
      }
      for (let j = 0; j < classes; j++) {
        const then = until[lastSampled(run, j) + 1];
        assert.deepEqual(rowOf(run.centers, j, embedding), rowOf(then, j, embedding), `class ${j}`);
      }
    },
    { runs: 60 },
  );

  property(
    "dense: follow (w, v) ← (w − η(λw + μv), λw + μv) if no step sampled them",
    [problems(), ratios(), rates, momenta, decays],
    async (problem, ratio, rate, momentum, decay) => {
      const { embedding, centers, batches } = problem;
      const run = await train(problem, { ratio, update: "dense", optimizer: sgd(rate, momentum, decay) });
      // the power of a 2 × 2 matrix, applied to (1, 0): every element of such a row is multiplied by the same number
      let [value, velocity] = [1, 0];
      for (const _ of batches) {
        velocity = decay * value + momentum * velocity;
        value -= rate * velocity;
      }
      for (let j = 0; j < problem.classes; j++) {
        if (lastSampled(run, j) !== -1) continue;
        const expected = rowOf(centers, j, embedding).map((w) => w * value);
        assertWithin(rowOf(run.centers, j, embedding), expected, near(batches.length, expected), `class ${j}`);
      }
    },
    { runs: 60 },
  );

  property(
    "dense: without decay glide on by μ + μ² + … of the step they took when the first batch sampled them",
    [problems(), ratios(), rates, momenta],
    async (problem, ratio, rate, momentum) => {
      const { embedding, centers, batches } = problem;
      const settings = { ratio, update: "dense" as const, optimizer: sgd(rate, momentum, 0) };
      const run = await train(problem, settings);
      const first = await train({ ...problem, batches: batches.slice(0, 1) }, settings);
      const later = batches.length - 1;
      const glide = (momentum * (1 - momentum ** later)) / (1 - momentum);
      for (let j = 0; j < problem.classes; j++) {
        if (lastSampled(run, j) !== 0) continue;
        const [start, then] = [rowOf(centers, j, embedding), rowOf(first.centers, j, embedding)];
        const expected = then.map((w, e) => w + glide * (w - start[e]));
        // w − start is the difference of two numbers that are rounded, and is taken up to nine times
        const allowed = near(batches.length, expected).map((one) => 16 * one);
        assertWithin(rowOf(run.centers, j, embedding), expected, allowed, `class ${j}`);
      }
    },
    { runs: 60 },
  );

  property(
    "dense: shrink by (1 − ηλ) a step under AdamW, which has nothing to divide where there was no gradient",
    [problems(), ratios(), rates, decays],
    async (problem, ratio, rate, decay) => {
      const { embedding, centers, batches } = problem;
      const optimizer = { rate, make: (of: PartialFC) => new AdamW(of, { decay }) };
      const run = await train(problem, { ratio, update: "dense", optimizer });
      for (let j = 0; j < problem.classes; j++) {
        if (lastSampled(run, j) !== -1) continue;
        const expected = rowOf(centers, j, embedding).map((w) => w * (1 - rate * decay) ** batches.length);
        assertWithin(rowOf(run.centers, j, embedding), expected, near(batches.length, expected), `class ${j}`);
      }
    },
    { runs: 60 },
  );
});
