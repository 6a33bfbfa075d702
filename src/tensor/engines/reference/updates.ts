/** The kernels that write to an argument: accumulation, and one step of SGD or Adam. */
import type { AdamRule, FloatArray, SgdRule } from "../../engine.js";

export function blend(target: FloatArray, keep: number, source: FloatArray, add: number): void {
  for (let i = 0; i < target.length; i++) target[i] = keep * target[i] + add * source[i];
}

/** Momentum as in Sutskever et al. 2013, in the form that every framework uses: the rate multiplies the whole velocity. */
export function sgdStep(
  value: FloatArray,
  gradient: FloatArray,
  velocity: FloatArray | undefined,
  { rate, momentum, decay, nesterov }: SgdRule,
): void {
  for (let i = 0; i < value.length; i++) {
    const slope = gradient[i] + decay * value[i];
    let direction = slope;
    if (velocity) {
      velocity[i] = momentum * velocity[i] + slope;
      direction = nesterov ? slope + momentum * velocity[i] : velocity[i];
    }
    value[i] -= rate * direction;
  }
}

/** Kingma and Ba 2015, algorithm 1; with `decoupled`, Loshchilov and Hutter 2019, algorithm 2. */
export function adamStep(
  value: FloatArray,
  gradient: FloatArray,
  first: FloatArray,
  second: FloatArray,
  { rate, beta1, beta2, epsilon, decay, decoupled, step }: AdamRule,
): void {
  const correction1 = 1 - beta1 ** step;
  const correction2 = 1 - beta2 ** step;
  for (let i = 0; i < value.length; i++) {
    const start = decoupled ? value[i] * (1 - rate * decay) : value[i];
    const slope = decoupled ? gradient[i] : gradient[i] + decay * value[i];
    first[i] = beta1 * first[i] + (1 - beta1) * slope;
    second[i] = beta2 * second[i] + (1 - beta2) * slope * slope;
    value[i] = start - (rate * (first[i] / correction1)) / (Math.sqrt(second[i] / correction2) + epsilon);
  }
}
