/**
 * Stochastic depth (Huang et al. 2016): in training the residual branch of a sample is zero with probability `rate`, and what is kept is divided by
 * 1 − rate.
 *
 * A sample skips the branch as a whole. Which samples is a function of (seed, step, rank, module name), all but the last from the caller's context.
 */
import { multiply } from "../../autograd/index.js";
import { constant, type Variable } from "../../autograd/variable.js";
import { hashUniform, stream } from "../../tensor/random.js";
import type { Context } from "../context.js";
import { Module } from "../module.js";

/** [B, …] in and out; the identity in evaluation. @throws Error if the rate lies outside [0, 1). */
export class DropPath extends Module {
  constructor(readonly rate: number) {
    super();
    if (!(rate >= 0 && rate < 1)) throw new Error(`DropPath: the rate must be in [0, 1); given ${rate}.`);
  }

  forward(x: Variable, { training, seed, step, rank }: Context): Variable {
    if (!training || this.rate === 0) return x;
    const key = stream(seed, "drop path", step, rank, this.path).key();
    const [batch, ...others] = x.shape;
    const factors = Array.from({ length: batch }, (_, i) =>
      hashUniform(key, i, 0) < this.rate ? 0 : 1 / (1 - this.rate),
    );
    return multiply(x, constant(x.tensor.engine.tensor(factors, [batch, ...others.map(() => 1)])));
  }
}
