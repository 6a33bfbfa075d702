/**
 * Dropout (Srivastava et al. 2014): in training each element is zero with probability `rate`, the others are divided by 1 − rate.
 *
 * Which elements is a function of (seed, step, rank, module name), all but the last from the caller's context.
 */
import { dropout } from "../../autograd/index.js";
import type { Variable } from "../../autograd/variable.js";
import { stream } from "../../tensor/random.js";
import type { Context } from "../context.js";
import { Module } from "../module.js";

/** Any shape in and out; the identity in evaluation. @throws Error if the rate lies outside [0, 1). */
export class Dropout extends Module {
  constructor(readonly rate: number) {
    super();
    if (!(rate >= 0 && rate < 1)) throw new Error(`Dropout: the rate must be in [0, 1); given ${rate}.`);
  }

  forward(x: Variable, { training, seed, step, rank }: Context): Variable {
    if (!training || this.rate === 0) return x;
    return dropout(x, this.rate, stream(seed, "dropout", step, rank, this.path).key());
  }
}
