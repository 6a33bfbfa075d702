/**
 * Stochastic gradient descent with momentum (Sutskever et al. 2013, in PyTorch's form) and L2 decay.
 *
 * g = gradient + decay · value; v ← momentum · v + g; value ← value − rate · v. Nesterov: value ← value − rate · (g + momentum · v).
 * v starts at zero, so the first v is the first g, without dampening.
 */
import type { SgdRule } from "../tensor/engine.js";
import { Optimizer, type DecayOptions, type Group, type Update, type UpdateSettings } from "./optimizer.js";
import type { Trainable } from "./trainable.js";
import type { SweepRule } from "./updateRows.js";

export interface SGDOptions extends DecayOptions {
  /** 0 by default; 0.9 in all published trainings of Partial FC. */
  readonly momentum?: number;
  readonly nesterov?: boolean;
}

/** @throws Error if the momentum lies outside [0, 1), or Nesterov is asked for without momentum. */
export class SGD extends Optimizer {
  private readonly momentum: number;
  private readonly nesterov: boolean;

  constructor(of: Trainable | readonly (Trainable | Group)[], options: SGDOptions = {}) {
    const { momentum = 0, nesterov = false } = options;
    if (!(momentum >= 0 && momentum < 1)) throw new Error(`SGD: momentum must be in [0, 1); given ${momentum}.`);
    if (nesterov && momentum === 0) throw new Error("SGD: Nesterov's rule needs a momentum above 0; given 0.");
    super(of, options, momentum === 0 ? [] : ["velocity"]);
    this.momentum = momentum;
    this.nesterov = nesterov;
  }

  protected apply({ value, gradient, state: [velocity], ...settings }: Update): void {
    value.engine.sgdStep(value, gradient, velocity, this.ruleOf(settings, velocity !== undefined));
  }

  protected override sweepRule(settings: UpdateSettings): SweepRule {
    return (sweep, [velocity]) => sweep.update(velocity, this.ruleOf(settings, velocity !== undefined));
  }

  private ruleOf({ rate, momentum = this.momentum, decay }: UpdateSettings, moving: boolean): SgdRule {
    if (!moving && momentum !== 0) {
      throw new Error(`SGD: the schedule asks for momentum ${momentum}, but this optimizer was made without momentum.`);
    }
    return { rate, momentum, decay, nesterov: this.nesterov };
  }
}
