/** Updates on the GPU engine: step by step equal to the rules of SGD and Adam written out in float64 on plain numbers. */
import { Adam, AdamW, SGD, type Optimizer, type Trainable } from "../../src/nn/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { plainAdam, plainSgd } from "../../test/nn/plainRules.js";
import { free, named, only, pushGradient } from "../../test/nn/trainables.js";
import { inEveryMode } from "../../test/tensor/engines/gpu/inEveryMode.js";
import { adamRules, sgdRules, sizeableGradients, trainings, type Training } from "../arbitraries/trainings.js";
import { allowedOfAdam, allowedOfSgd } from "../nn/optimizerBounds.js";
import { UNDERFLOW } from "../nn/underflow.js";
import { assertWithin } from "../operations/close.js";
import { property } from "../property.js";

/** A GPU may take a number below 2⁻¹²⁶ for 0: each of the ten numbers that a step computes on the way to one. */
const FLUSHED = 10 * UNDERFLOW;

/** The values after every step, [steps][elements]: all steps are called before one is awaited. */
async function train(
  engine: Engine,
  { start, gradients, rates }: Training,
  make: (of: Trainable) => Optimizer,
): Promise<ArrayLike<number>[]> {
  const weight = free(engine, start);
  const optimizer = make(only(named("weight", weight)));
  const values = gradients.map((gradient, step) => {
    pushGradient(engine, weight, gradient);
    engine.scope(() => optimizer.step({ rate: rates[step] }));
    optimizer.zeroGrad();
    return weight.data();
  });
  const found = await Promise.all(values);
  optimizer.dispose();
  weight.tensor.dispose();
  return found;
}

inEveryMode("the rule of", (engine) => {
  property("SGD, with and without momentum, decay and Nesterov", [trainings(), sgdRules()], async (training, rule) => {
    const { start, gradients, rates } = training;
    const found = await train(engine(), training, (of) => new SGD(of, rule));
    for (const [i, first] of start.entries()) {
      const own = gradients.map((gradient) => gradient[i]);
      const values = plainSgd(first, own, rates, rule);
      const bounds = allowedOfSgd(engine(), first, own, rates, rule);
      const allowed = bounds.map((bound, step) => bound + (step + 1) * FLUSHED);
      assertWithin(
        found.map((step) => step[i]),
        values,
        allowed,
        `element ${i}, after step`,
      );
    }
  });
});

/**
 * The bounds are those of IEEE 754. Of divisions and roots WebGPU promises less: what a GPU makes of Adam is compared with recorded runs
 * (test/golden).
 */
inEveryMode(
  "the rule of",
  (engine) => {
    property("Adam and AdamW", [trainings(sizeableGradients()), adamRules()], async (training, rule) => {
      const { start, gradients, rates } = training;
      const Kind = rule.decoupled ? AdamW : Adam;
      const found = await train(engine(), training, (of) => new Kind(of, rule));
      for (const [i, first] of start.entries()) {
        const own = gradients.map((gradient) => gradient[i]);
        const values = plainAdam(first, own, rates, { ...rule, time: (update) => update + 1 });
        const allowed = allowedOfAdam(engine(), first, rates);
        assertWithin(
          found.map((step) => step[i]),
          values,
          allowed,
          `element ${i}, after step`,
        );
      }
    });
  },
  {},
  ["webasm", "cpu"],
);
