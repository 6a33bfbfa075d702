/** ln of a mean, of numbers that are given by their logarithms. */
import type { Tensor } from "../tensor/tensor.js";

/** ln(1/N Σ_n e^x_n) without overflow.  [N] → [] */
export function logMeanExponential(x: Tensor): Tensor {
  const { engine } = x;
  return engine.scope(() => {
    const largest = engine.reduce("maximum", x, [0], false); // []
    const mean = engine.reduce("mean", engine.unary("exp", engine.binary("subtract", x, largest)), [0], false);
    return engine.binary("add", largest, engine.unary("log", mean));
  });
}
