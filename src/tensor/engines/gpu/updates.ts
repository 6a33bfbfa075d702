/**
 * The operations that write to an argument: accumulation, and one step of SGD or Adam. Cells never change, so each computes new ones
 * which take the place of the old.
 */
import type { AdamRule, SgdRule } from "../../engine.js";
import type { Tensor } from "../../tensor.js";
import type { Context } from "./context.js";
import { kernel, type Kernel, type Thread } from "./kernel.js";

const blendKernel = kernel(
  "blend",
  { arrays: 2, numbers: 2 },
  function (this: Thread, target: number[], source: number[], keep: number, add: number) {
    return keep * target[this.thread.x] + add * source[this.thread.x];
  },
);

/** momentum · velocity + (gradient + decay · value) */
const velocityKernel = kernel(
  "sgdStep, velocity",
  { arrays: 3, numbers: 2 },
  function (this: Thread, value: number[], gradient: number[], velocity: number[], momentum: number, decay: number) {
    return momentum * velocity[this.thread.x] + (gradient[this.thread.x] + decay * value[this.thread.x]);
  },
);

/** value − rate · direction, which is gradient + decay · value */
const plainStepKernel = kernel(
  "sgdStep, plain",
  { arrays: 2, numbers: 2 },
  function (this: Thread, value: number[], gradient: number[], rate: number, decay: number) {
    return value[this.thread.x] - rate * (gradient[this.thread.x] + decay * value[this.thread.x]);
  },
);

const momentumStepKernel = kernel(
  "sgdStep, momentum",
  { arrays: 2, numbers: 1 },
  function (this: Thread, value: number[], velocity: number[], rate: number) {
    return value[this.thread.x] - rate * velocity[this.thread.x];
  },
);

const nesterovStepKernel = kernel(
  "sgdStep, Nesterov",
  { arrays: 3, numbers: 3 },
  function (
    this: Thread,
    value: number[],
    gradient: number[],
    velocity: number[],
    rate: number,
    momentum: number,
    decay: number,
  ) {
    const slope = gradient[this.thread.x] + decay * value[this.thread.x];
    return value[this.thread.x] - rate * (slope + momentum * velocity[this.thread.x]);
  },
);

const firstMomentKernel = kernel(
  "adamStep, first moment",
  { arrays: 3, numbers: 2 },
  function (this: Thread, value: number[], gradient: number[], first: number[], beta1: number, decay: number) {
    return beta1 * first[this.thread.x] + (1 - beta1) * (gradient[this.thread.x] + decay * value[this.thread.x]);
  },
);

const secondMomentKernel = kernel(
  "adamStep, second moment",
  { arrays: 3, numbers: 2 },
  function (this: Thread, value: number[], gradient: number[], second: number[], beta2: number, decay: number) {
    const slope = gradient[this.thread.x] + decay * value[this.thread.x];
    return beta2 * second[this.thread.x] + (1 - beta2) * slope * slope;
  },
);

/** keep · value − rate · (first / correction1) / (√(second / correction2) + epsilon) */
const adamKernel = kernel(
  "adamStep",
  { arrays: 3, numbers: 5 },
  function (
    this: Thread,
    value: number[],
    first: number[],
    second: number[],
    keep: number,
    rate: number,
    correction1: number,
    correction2: number,
    epsilon: number,
  ) {
    return (
      keep * value[this.thread.x] -
      (rate * (first[this.thread.x] / correction1)) / (Math.sqrt(second[this.thread.x] / correction2) + epsilon)
    );
  },
);

/** Tasks of one update at most: three kernels, what takes the place of three tensors, and what is released. */
const PARTS = 12;

/** target ← what the kernel computes from these. */
function replace(
  context: Context,
  target: Tensor,
  kernelToRun: Kernel,
  inputs: readonly Tensor[],
  scalars: readonly number[],
): void {
  context.scope(() =>
    context.assign(target, context.launch(kernelToRun, target.shape, [target.size], inputs, scalars)),
  );
}

export function blend(context: Context, target: Tensor, keep: number, source: Tensor, add: number): void {
  replace(context, target, blendKernel, [target, source], [keep, add]);
}

export function sgdStep(
  context: Context,
  value: Tensor,
  gradient: Tensor,
  velocity: Tensor | undefined,
  { rate, momentum, decay, nesterov }: SgdRule,
): void {
  context.reserve("sgdStep", PARTS);
  if (!velocity) return replace(context, value, plainStepKernel, [value, gradient], [rate, decay]);
  replace(context, velocity, velocityKernel, [value, gradient, velocity], [momentum, decay]);
  if (nesterov) replace(context, value, nesterovStepKernel, [value, gradient, velocity], [rate, momentum, decay]);
  else replace(context, value, momentumStepKernel, [value, velocity], [rate]);
}

export function adamStep(
  context: Context,
  value: Tensor,
  gradient: Tensor,
  first: Tensor,
  second: Tensor,
  { rate, beta1, beta2, epsilon, decay, decoupled, step }: AdamRule,
): void {
  context.reserve("adamStep", PARTS);
  const penalty = decoupled ? 0 : decay;
  replace(context, first, firstMomentKernel, [value, gradient, first], [beta1, penalty]);
  replace(context, second, secondMomentKernel, [value, gradient, second], [beta2, penalty]);
  const scalars = [decoupled ? 1 - rate * decay : 1, rate, 1 - beta1 ** step, 1 - beta2 ** step, epsilon];
  replace(context, value, adamKernel, [value, first, second], scalars);
}
