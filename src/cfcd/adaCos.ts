/**
 * A scale that sets itself and no margin, after AdaCos (Zhang et al. 2019, "AdaCos: Adaptively Scaling Cosine Logits for Effectively
 * Learning Deep Face Representations", the scale that adapts dynamically): beside MadaCos, to compare with.
 *
 *     s = ln B_avg / cos(min(π/4, θ_med)),   B_avg = mean_i Σ_j≠y exp(s · cos θ_ij)
 *     s = √2 · ln(C − 1)                      before the first batch
 *
 * The paper takes B_avg of this batch at the scale of the last one; here it is that of the last batch at its own scale, one batch older, so
 * that a batch is compared once. θ_med is the angle of the lower median cosine. ln B_avg is state: it is stored with the head. At first
 * it is ln(C − 1), so that the first scale is that of the paper wherever θ_med > π/4.
 *
 * Two things the paper does not need, because it compares with all classes: ln B_avg is ln 2 at least, as of two wrong classes at a right
 * angle, so that a sample of few, all behind, does not turn the scale negative; and a batch without a wrong class leaves it as it is.
 */
import { isRecording } from "../autograd/index.js";
import { ModuleBuffer } from "../nn/index.js";
import type { MarginSupplier } from "../pfc/index.js";
import type { Tensor } from "../tensor/tensor.js";
import { ifOthers } from "./ifOthers.js";
import { logMeanExponential } from "./logMeanExponential.js";
import { lowerMedian, selected } from "./lowerMedian.js";

/** @throws Error unless there are three classes at least: with two the first scale is 0. */
export function adaCos({ classes }: { readonly classes: number }): MarginSupplier {
  if (!(Number.isInteger(classes) && classes >= 3)) {
    throw new Error(
      `adaCos: the scale starts as √2 · ln(C − 1), so that there are three classes at least; given ${classes}.`,
    );
  }
  const logB = new ModuleBuffer([], Math.log(classes - 1));
  return {
    buffers: { logB },
    supply(target) {
      const { engine } = target;
      const median = selected(target, lowerMedian(target)); // []
      const cosine = engine.binary("maximum", median, engine.full([], Math.SQRT1_2)); // cos(min(π/4, θ)) = max(cos π/4, cos θ)
      return {
        scale: engine.binary("divide", logB.tensor, cosine),
        median,
        margin(logOthers) {
          if (isRecording()) engine.scope(() => engine.assign(logB.tensor, nextLogB(logB.tensor, logOthers)));
          return engine.full([], 0);
        },
      };
    },
  };
}

/** ln B_avg of this batch within its bound, or the last one where there was no wrong class.  [], [N] → [] */
function nextLogB(last: Tensor, logOthers: Tensor): Tensor {
  const { engine } = last;
  const own = logMeanExponential(logOthers); // []
  return ifOthers(own, engine.binary("maximum", own, engine.full([], Math.LN2)), last);
}
