/**
 * Adam (Kingma and Ba 2015) with L2 decay, and AdamW (Loshchilov and Hutter 2019) with decay decoupled from the gradient.
 *
 * m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², value ← value − rate · m̂ / (√v̂ + ε), where m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ).
 * t counts the updates of a parameter. All rows of a table share one t, also those that are sampled rarely: their moments decay
 * per update of the row, while t counts steps, which is what the published sparse layer does.
 */
import { Optimizer, type DecayOptions, type Group, type Update } from "./optimizer.js";
import type { Trainable } from "./trainable.js";

/**
 * `corrected`: update t of a table of rows uses t. `public-v1`: it uses t + 1, as the first public Partial FC does, which sets the counter
 * before the optimizer advances it (its first update is about 0.744 · rate).
 */
export type TableBiasCorrection = "corrected" | "public-v1";

export interface AdamOptions extends DecayOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly biasCorrection?: TableBiasCorrection;
}

abstract class AdamFamily extends Optimizer {
  private readonly beta1: number;
  private readonly beta2: number;
  private readonly epsilon: number;
  private readonly biasCorrection: TableBiasCorrection;

  protected constructor(
    of: Trainable | readonly (Trainable | Group)[],
    options: AdamOptions,
    private readonly decoupled: boolean,
  ) {
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, biasCorrection = "corrected" } = options;
    if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
      throw new Error(`Adam: beta1 and beta2 must be in [0, 1); given ${beta1} and ${beta2}.`);
    }
    // squares of gradients are far under the smallest half, 6e-8, and a second moment of zero would divide by epsilon
    super(of, options, ["first", "second"], "float32");
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    this.biasCorrection = biasCorrection;
  }

  protected apply(update: Update): void {
    const { value, gradient, state, rate, decay, table, count, momentum: beta1 = this.beta1 } = update;
    const { beta2, epsilon, decoupled } = this;
    const step = table && this.biasCorrection === "public-v1" ? count + 1 : count;
    const [first, second] = state;
    value.engine.adamStep(value, gradient, first, second, { rate, beta1, beta2, epsilon, decay, decoupled, step });
  }
}

/** Decay is added to the gradient. */
export class Adam extends AdamFamily {
  constructor(of: Trainable | readonly (Trainable | Group)[], options: AdamOptions = {}) {
    super(of, options, false);
  }
}

/** value ← value − rate · decay · value before each update. */
export class AdamW extends AdamFamily {
  constructor(of: Trainable | readonly (Trainable | Group)[], options: AdamOptions = {}) {
    super(of, options, true);
  }
}
