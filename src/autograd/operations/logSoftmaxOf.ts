/** The logarithm of the softmax, for the operation of that name and for the cross-entropy. */
import type { Engine } from "../../tensor/engine.js";
import type { Tensor } from "../../tensor/tensor.js";

/** x − max − log Σ e^(x − max): the exponentials are at most 1. */
export function logSoftmaxOf(engine: Engine, x: Tensor): Tensor {
  const last = [x.rank - 1];
  const shifted = engine.binary("subtract", x, engine.reduce("maximum", x, last, true)); // […, M]
  const sums = engine.reduce("sum", engine.unary("exp", shifted), last, true); // […, 1]
  return engine.binary("subtract", shifted, engine.unary("log", sums));
}
