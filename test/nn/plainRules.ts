/** The update rules once more, on plain numbers: what the optimizers are compared with. */

export interface PlainSgd {
  readonly momentum: number;
  readonly decay: number;
  readonly nesterov: boolean;
}

/** A weight through a list of gradients, PyTorch's way: the buffer is the first gradient, then momentum · buffer + gradient. */
export function plainSgd(
  start: number,
  gradients: readonly number[],
  rates: readonly number[],
  rule: PlainSgd,
): number[] {
  let weight = start;
  let buffer: number | undefined;
  return gradients.map((gradient, step) => {
    const g = gradient + rule.decay * weight;
    buffer = buffer === undefined ? g : rule.momentum * buffer + g;
    weight -= rates[step] * (rule.nesterov ? g + rule.momentum * buffer : buffer);
    return weight;
  });
}

export interface PlainAdam {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly decay: number;
  readonly decoupled: boolean;
  /** Number of update i (from 0) in the bias correction. */
  readonly time: (update: number) => number;
}

/** The moments written out as sums over all past gradients, not as a recursion. */
export function plainAdam(
  start: number,
  gradients: readonly number[],
  rates: readonly number[],
  rule: PlainAdam,
): number[] {
  const { beta1, beta2, epsilon, decay, decoupled, time } = rule;
  const seen: number[] = [];
  let weight = start;
  return gradients.map((gradient, update) => {
    seen.push(decoupled ? gradient : gradient + decay * weight);
    const moment = (beta: number, power: number): number =>
      seen.reduce((sum, g, i) => sum + (1 - beta) * beta ** (update - i) * g ** power, 0) / (1 - beta ** time(update));
    if (decoupled) weight *= 1 - rates[update] * decay;
    weight -= (rates[update] * moment(beta1, 1)) / (Math.sqrt(moment(beta2, 2)) + epsilon);
    return weight;
  });
}
