/**
 * MadaCos: scale and margin from the median cosine of the batch (Zhu et al. 2023, "Coarse-to-Fine: Learning Compact Discriminative
 * Representation for Single-Stage Image Retrieval", ICCV, section 3.2).
 *
 *     t_med   the lower median of the target cosines cos θ_iy
 *     s = max(s_min, ln(κ · (1 − α)/α) / (1 − t_med))
 *     m = max(0, t_med − ln(B · α/(1 − α)) / s),   B_i = Σ_j≠y exp(s · cos θ_ij)
 *
 * The two unknowns are such that the median image has the probability α, and one that lies on its center κ/(κ + 1), where neither bound
 * acts. So supervision does not fade: the loss of the median image is −ln α however good the network has become.
 *
 * B is that of the image that has the median (default, as published), the median of all, or their mean. Over a sample of the classes B is
 * smaller by about the share S/C and the margin larger by about ln(C/S)/s; `correctSampling` takes that back, after which the median image
 * has the probability α among all classes and not in the sample. No running average: there is nothing to store.
 *
 * The public code computes B itself, which overflows where s · cos θ > 88 and leaves m = 0; here ln B is computed.
 */
import { isRecording } from "../autograd/index.js";
import type { MarginSupplier } from "../pfc/index.js";
import type { Tensor } from "../tensor/tensor.js";
import { ifOthers } from "./ifOthers.js";
import { logMeanExponential } from "./logMeanExponential.js";
import { lowerMedian, selected } from "./lowerMedian.js";

export interface MadaCosOptions {
  /** α in (0, 1), the probability of the median image; default 0.02, as published. Smaller is stricter: s and m grow. */
  readonly alpha?: number;
  /** κ, default 9,999,999: an image on its center has the probability 1 − 1e-7. */
  readonly kappa?: number;
  /** s_min, default 32: the scale until the median cosine has left it behind. */
  readonly minScale?: number;
  /** Default: none, as published; near t_med = 1 the scale is then 10,000 times the numerator. */
  readonly maxScale?: number;
  /** Whose B: that of the image with the median cosine (default), the lower median, or the mean of all. */
  readonly others?: "of-median" | "median" | "mean";
  /** Over a sample of the classes B shall be about that of all: ln B + ln(C/S). Default: false, B as it is. */
  readonly correctSampling?: boolean;
}

/** The least that 1 − t_med counts as. */
const LEAST_DISTANCE = 1e-4;

/**
 * Supplies s and m of CosFace's form. Without a tape (evaluation) m is 0.
 *
 * @throws Error if α lies outside (0, 1), or κ or the scales make no sense
 */
export function madaCos(options: MadaCosOptions = {}): MarginSupplier {
  const {
    alpha = 0.02,
    kappa = 9_999_999,
    minScale = 32,
    maxScale = Infinity,
    others = "of-median",
    correctSampling = false,
  } = options;
  check({ alpha, kappa, minScale, maxScale });
  const saturation = Math.log(kappa) + Math.log((1 - alpha) / alpha);
  const odds = Math.log(alpha / (1 - alpha));
  return {
    supply(target, share) {
      const { engine } = target;
      const shift = correctSampling ? odds - Math.log(share) : odds;
      const isMedian = lowerMedian(target); // [N]
      const median = selected(target, isMedian); // []
      const distance = engine.binary("maximum", engine.affine(median, -1, 1), engine.full([], LEAST_DISTANCE));
      const scale = engine.clamp(
        engine.affine(engine.unary("reciprocal", distance), saturation, 0),
        minScale,
        maxScale,
      );
      return {
        scale,
        median,
        margin(logOthers) {
          if (!isRecording()) return engine.full([], 0);
          const logB = logBOf(logOthers, others, isMedian); // []
          const offset = engine.binary("divide", engine.affine(logB, 1, shift), scale); // []
          const margin = engine.binary("maximum", engine.binary("subtract", median, offset), engine.full([], 0));
          return ifOthers(logB, margin, engine.full([], 0));
        },
      };
    },
  };
}

/** ln B of the batch.  [N], [N] → [] */
export function logBOf(logOthers: Tensor, others: NonNullable<MadaCosOptions["others"]>, isMedian: Tensor): Tensor {
  if (others === "of-median") return selected(logOthers, isMedian);
  if (others === "median") return selected(logOthers, lowerMedian(logOthers));
  return logMeanExponential(logOthers);
}

type Numbers = Required<Pick<MadaCosOptions, "alpha" | "kappa" | "minScale" | "maxScale">>;

function check({ alpha, kappa, minScale, maxScale }: Numbers): void {
  if (!(alpha > 0 && alpha < 1)) {
    throw new Error(`madaCos: alpha is a probability above 0 and below 1, given ${alpha}.`);
  }
  if (!((kappa * (1 - alpha)) / alpha > 1 && kappa < Infinity)) {
    throw new Error(
      `madaCos: kappa is finite and kappa · (1 − alpha)/alpha above 1, so that the scale is positive; given kappa ${kappa} and alpha ${alpha}.`,
    );
  }
  if (!(minScale > 0 && minScale < Infinity && maxScale >= minScale)) {
    throw new Error(
      `madaCos: scales lie between a smallest above 0 and a largest that is no smaller; given ${minScale} and ${maxScale}.`,
    );
  }
}
