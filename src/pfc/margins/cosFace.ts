/**
 * CosFace, additive margin on the cosine (Wang et al. 2018, "CosFace: Large Margin Cosine Loss", equation 4).
 *
 *     z_iy = s · (cos θ_iy − m)
 */
import { constant } from "../../autograd/index.js";
import { checkMargin, marginLogits, type Margin } from "./margin.js";

export interface CosFaceOptions {
  /** s, default 64: the value of the paper's experiments, and of the published Partial FC runs. */
  readonly scale?: number;
  /** m, default 0.4: the published Partial FC runs on the large sets; the CosFace paper uses 0.35. */
  readonly margin?: number;
}

/** @throws Error if the scale is not positive, or the margin not finite. */
export function cosFace({ scale = 64, margin = 0.4 }: CosFaceOptions = {}): Margin {
  checkMargin("cosFace", scale, { margin });
  return {
    scale,
    // dz/dcos = s everywhere: a constant that is subtracted has no slope
    logits: (cosine, labels) =>
      marginLogits(cosine, labels, scale, ({ tensor }) => constant(tensor.engine.full(tensor.shape, -margin))),
  };
}
