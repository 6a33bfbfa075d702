/**
 * The three margins in one (ArcFace, equation 4): multiplicative and additive on the angle, additive on the cosine.
 *
 *     z_iy = s · (cos(m₁ · θ_iy + m₂) − m₃)
 *
 * m₁ alone is the idea of SphereFace, m₂ alone ArcFace, m₃ alone CosFace. Meaningful while m₁ · θ + m₂ ≤ π, and used beyond as it
 * is: left out are SphereFace's monotone continuation and an affine tail (`arcFace` has one).
 */
import { affine, arccos, clamp, cos, subtract } from "../../autograd/index.js";
import { checkMargin, marginLogits, POLE, type Margin } from "./margin.js";

export interface GeneralMarginOptions {
  /** s, default 64. */
  readonly scale?: number;
  /** Factor of the angle, default 1: none. */
  readonly m1?: number;
  /** Added to the angle, in radians, default 0. */
  readonly m2?: number;
  /** Taken from the cosine, default 0. */
  readonly m3?: number;
}

/** @throws Error if the scale is not positive, or a margin not finite. */
export function generalMargin({ scale = 64, m1 = 1, m2 = 0, m3 = 0 }: GeneralMarginOptions = {}): Margin {
  checkMargin("generalMargin", scale, { m1, m2, m3 });
  return {
    scale,
    // dz/dcos = s · m₁ · sin(m₁θ + m₂)/sin θ, infinite at θ = 0 and π; so the last 1e-7 before ±1 are flat
    logits: (cosine, labels) =>
      marginLogits(cosine, labels, scale, (target) => {
        const theta = arccos(clamp(target, POLE - 1, 1 - POLE)); // [N]
        return subtract(affine(cos(affine(theta, m1, m2)), 1, -m3), target); // [N]
      }),
  };
}
