/**
 * Relative classifiability: how much nearer a training image is to its own class center than to the nearest wrong one (Boutros et al.
 * 2023, CR-FIQA, section 3). A label of quality that nobody had to give.
 *
 *     CCS_i   = cos θ of the own center              class center similarity
 *     NNCCS_i = max over j ≠ y_i of cos θ_ij          nearest negative class center similarity
 *     CR_i    = CCS_i / (NNCCS_i + 1 + ε)             form "paper": the denominator lies in [ε, 2 + ε]
 *     CR_i    = CCS_i / NNCCS_i                       form "raw": what the public training script computes
 *
 * The public code takes −1e-12 for the target's own entry before the maximum, so that its NNCCS is never below that: the `floor`. With
 * thousands of classes it never acts. With a handful it does, and then keeps the paper's denominator at 1 and more; the raw form
 * has a target of CCS / −1e-12 there. `floor: null` is the definition to the letter.
 *
 * Over a sample of the centers (Partial FC with r < 1) NNCCS is a lower bound of that over all of them, and CR of the paper's form
 * an upper bound where CCS is positive.
 */
import type { Tensor } from "../tensor/tensor.js";

/** "paper": CCS / (NNCCS + 1 + ε). "raw": CCS / NNCCS. */
export type ClassifiabilityForm = "paper" | "raw";

export interface ClassifiabilityOptions {
  /** Default "paper": an author confirmed that training needs the + 1 (repository, issue 7). */
  readonly form?: ClassifiabilityForm;
  /** The least NNCCS, default −1e-12 as in the public code; null: −1, which no cosine is below. */
  readonly floor?: number | null;
}

/** ε of the paper's denominator. */
const EPSILON = 1e-9;
/** The public code's floor. */
export const PUBLISHED_FLOOR = -1e-12;
/** The raw form divides by no number nearer to 0 than this, so that a target is finite, if useless. */
const SMALLEST_DENOMINATOR = 1e-12;

/** NNCCS: the largest cosine of a wrong class, and no less than the floor.  [B] → [B] */
export function nearestNegative(nearest: Tensor, floor: number | null = PUBLISHED_FLOOR): Tensor {
  const { engine } = nearest;
  return engine.binary("maximum", nearest, engine.full([1], floor ?? -1));
}

/** CR of each image, a plain tensor: nothing can flow through it.  own (CCS), negative (NNCCS): [B] → [B] */
export function relativeClassifiability(own: Tensor, negative: Tensor, form: ClassifiabilityForm = "paper"): Tensor {
  const { engine } = own;
  return engine.scope(() => {
    if (form === "paper") {
      // in two steps: 1 + 1e-9 is 1 in float32, and at NNCCS = −1 all that is left is ε
      return engine.binary("divide", own, engine.affine(engine.affine(negative, 1, 1), 1, EPSILON));
    }
    const positive = engine.binary("greater", negative, engine.full([1], 0)); // [B], 1 or 0
    const above = engine.binary("maximum", negative, engine.full([1], SMALLEST_DENOMINATOR));
    const below = engine.binary("minimum", negative, engine.full([1], -SMALLEST_DENOMINATOR));
    return engine.binary("divide", own, engine.select(positive, above, below));
  });
}
