/**
 * A scale that sets itself and no margin, after AdaCos (Zhang et al. 2019, "AdaCos: Adaptively Scaling Cosine Logits for Effectively
 * Learning Deep Face Representations", section 3.3): beside MadaCos, to compare with.
 *
 *     s = ln B_avg / cos(min(π/4, θ_med)),   B_avg = mean_i Σ_j≠y exp(s · cos θ_ij)
 *     s = √2 · ln(C − 1)                      before the first batch
 *
 * The paper takes B_avg of this batch at the scale of the last one; here it is that of the last batch at its own scale, one batch older, so
 * that a batch is compared once. θ_med is the angle of the lower median cosine. The scale is state: it is stored with the head. At first
 * ln B_avg is ln(C − 1), so that the first scale is that of the paper wherever θ_med > π/4.
 */
import { isRecording } from "../autograd/index.js";
import { ModuleBuffer } from "../nn/index.js";
import type { MarginSupplier } from "../pfc/index.js";
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
          if (isRecording()) engine.assign(logB.tensor, logMeanExponential(logOthers));
          return engine.full([], 0);
        },
      };
    },
  };
}
