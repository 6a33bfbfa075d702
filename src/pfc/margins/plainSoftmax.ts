/**
 * No margin: z_ij = s · cos θ_ij (NormFace, Wang et al. 2017, "NormFace: L2 Hypersphere Embedding for Face Verification"). With s = 1 the
 * similarities themselves, which is what Unicom's code makes of a scale of 1, whatever margins are written beside it.
 */
import { affine } from "../../autograd/index.js";
import { checkMargin, type Margin } from "./margin.js";

/** @throws Error if the scale is not positive. */
export function plainSoftmax({ scale = 64 }: { readonly scale?: number } = {}): Margin {
  checkMargin("plainSoftmax", scale, {});
  return { scale, logits: (cosine) => affine(cosine, scale, 0), unbounded: true };
}
