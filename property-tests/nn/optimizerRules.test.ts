/** SGD and Adam do what their papers say: step by step equal to the rules written out in float64 on plain numbers. */
import { describe } from "node:test";
import fc from "fast-check";
import { Adam, AdamW, SGD, type Optimizer, type Trainable } from "../../src/nn/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { plainAdam, plainSgd } from "../../test/nn/plainRules.js";
import { free, named, only, pushGradient } from "../../test/nn/trainables.js";
import { between } from "../arbitraries/numbers.js";
import {
  MOST_STEPS,
  adamRules,
  sgdRules,
  sizeableGradients,
  trainings,
  type Training,
} from "../arbitraries/trainings.js";
import { assertWithin } from "../operations/close.js";
import { engines, exact } from "../engines.js";
import { property } from "../property.js";
import { allowedOfAdam, allowedOfSgd } from "./optimizerBounds.js";

/** The values after every step: [steps][elements]. */
function train(engine: Engine, { start, gradients, rates }: Training, make: (of: Trainable) => Optimizer): number[][] {
  const weight = free(engine, start);
  const optimizer = make(only(named("weight", weight)));
  const values = gradients.map((gradient, step) => {
    pushGradient(engine, weight, gradient);
    optimizer.step({ rate: rates[step] });
    optimizer.zeroGrad();
    return [...weight.dataSync()];
  });
  optimizer.dispose();
  weight.tensor.dispose();
  return values;
}

/** Compares element by element, which the rules never mix. */
function assertTrajectories(
  engine: Engine,
  actual: readonly (readonly number[])[],
  { start, gradients }: Training,
  expected: (start: number, gradients: readonly number[]) => { values: number[]; allowed: number[] },
): void {
  for (const [element, first] of start.entries()) {
    const { values, allowed } = expected(
      first,
      gradients.map((gradient) => gradient[element]),
    );
    const own = actual.map((step) => step[element]);
    assertWithin(own, values, allowed, `${engine.name}, element ${element}, after step`);
  }
}

describe("the rule of", () => {
  property(
    "SGD, with and without momentum, decay and Nesterov",
    [trainings(), sgdRules()],
    (training, rule) => {
      const { rates } = training;
      for (const engine of engines) {
        const actual = train(engine, training, (of) => new SGD(of, rule));
        assertTrajectories(engine, actual, training, (start, gradients) => ({
          values: plainSgd(start, gradients, rates, rule),
          allowed: allowedOfSgd(engine, start, gradients, rates, rule),
        }));
      }
    },
    { runs: 300 },
  );

  property(
    "Adam and AdamW",
    [trainings(sizeableGradients()), adamRules()],
    (training, rule) => {
      const { rates } = training;
      const Kind = rule.decoupled ? AdamW : Adam;
      for (const engine of engines) {
        const actual = train(engine, training, (of) => new Kind(of, rule));
        assertTrajectories(engine, actual, training, (start, gradients) => ({
          values: plainAdam(start, gradients, rates, { ...rule, time: (update) => update + 1 }),
          allowed: allowedOfAdam(engine, start, rates),
        }));
      }
    },
    { runs: 300 },
  );

  property(
    "AdamW whose β₁ a schedule moves from step to step, as PyTorch's one cycle does: the recursion, corrected by the β₁ of the step",
    [trainings(sizeableGradients()), fc.array(between(0.85, 0.95), { minLength: MOST_STEPS, maxLength: MOST_STEPS })],
    ({ start, gradients, rates }, betas) => {
      const weight = free(exact, start);
      const optimizer = new AdamW(only(named("weight", weight)), { epsilon: 0.125, decay: 0 });
      const moments = start.map(() => [0, 0]);
      const expected = [...start];
      for (const [step, gradient] of gradients.entries()) {
        pushGradient(exact, weight, gradient);
        optimizer.step({ rate: rates[step], momentum: betas[step] });
        optimizer.zeroGrad();
        for (const [element, g] of gradient.entries()) {
          const [first, second] = moments[element];
          const moved = [betas[step] * first + (1 - betas[step]) * g, 0.999 * second + 0.001 * g * g];
          moments[element] = moved;
          const [mean, square] = [moved[0] / (1 - betas[step] ** (step + 1)), moved[1] / (1 - 0.999 ** (step + 1))];
          expected[element] -= (rates[step] * mean) / (Math.sqrt(square) + 0.125);
        }
        // float64: a few roundings a step, of numbers that the correction by 1 - 0.999 raises a thousandfold
        assertWithin(weight.dataSync(), expected, expected.map(() => 1e-12), `after step ${step}`); // prettier-ignore
      }
      optimizer.dispose();
      weight.tensor.dispose();
    },
  );
});
