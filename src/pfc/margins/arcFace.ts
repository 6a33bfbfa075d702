/**
 * ArcFace, additive margin on the angle (Deng et al. 2019, "ArcFace: Additive Angular Margin Loss", equation 3).
 *
 *     z_iy = s · cos(θ_iy + m) = s · (cos θ · cos m − sin θ · sin m)
 *
 * Two questions the equation leaves open, with two answers each:
 *
 * `beyondPi`: cos(θ + m) rises again where θ + m > π, as if the worst samples were better ones.
 * - "affine" (default): there cos θ − m · sin m, which keeps falling. It starts cos m + m · sin m − 1 below −1 (0.117 for m = 0.5):
 *   the target logit jumps down, never up, for margins to 2.33; with larger ones, 134° and more, this number is negative.
 * - "wrap": no special care, as today's InsightFace and CR-FIQA.
 *
 * `gradient`:
 * - "exact" (default): the derivative of the formula, sin(θ + m)/sin θ times s; held finite at θ = 0 and π, see below.
 * - "straight-through": the value of ArcFace with the derivative of CosFace, s. InsightFace computes the angles outside its
 *   autograd graph since December 2022; everything it published after that was trained so.
 */
import { affine, clamp, multiply, noGrad, select, sqrt, subtract, type Variable } from "../../autograd/index.js";
import { checkMargin, marginLogits, POLE, type Margin } from "./margin.js";

export interface ArcFaceOptions {
  /** s, default 64: the value of the paper's experiments. */
  readonly scale?: number;
  /** m in radians, default 0.5: the value of the paper's experiments. */
  readonly margin?: number;
  readonly gradient?: "exact" | "straight-through";
  readonly beyondPi?: "affine" | "wrap";
}

/** @throws Error if the scale is not positive, or the margin lies outside [0, π). */
export function arcFace(options: ArcFaceOptions = {}): Margin {
  const { scale = 64, margin = 0.5, gradient = "exact", beyondPi = "affine" } = options;
  checkMargin("arcFace", scale, { margin });
  if (margin < 0 || margin >= Math.PI) {
    throw new Error(`arcFace: the margin is an angle in [0, π) radians, given ${margin}.`);
  }
  const widened = beyondPi === "affine" ? withAffineTail : cosOfWidenedAngle;
  // d cos(θ + m)/d cos θ = sin(θ + m)/sin θ is infinite at θ = 0; so the last 1e-7 before ±1 are flat
  const exact = (target: Variable): Variable => subtract(widened(clamp(target, POLE - 1, 1 - POLE), margin), target);
  // no tape: the correction is a number, and d(cos θ + number)/d cos θ = 1
  const straightThrough = (target: Variable): Variable => noGrad(() => subtract(widened(target, margin), target));
  const correction = gradient === "exact" ? exact : straightThrough;
  return { scale, logits: (cosine, labels) => marginLogits(cosine, labels, scale, correction) };
}

/** cos(θ + m), from cos θ.  [N] → [N] */
export function cosOfWidenedAngle(cosTheta: Variable, margin: number): Variable {
  // (1 − c)(1 + c) and not 1 − c²: near θ = 0 the square would round away what is left
  const sinTheta = sqrt(multiply(affine(cosTheta, -1, 1), affine(cosTheta, 1, 1))); // [N]
  return subtract(affine(cosTheta, Math.cos(margin), 0), affine(sinTheta, Math.sin(margin), 0)); // [N]
}

/** cos(θ + m) while θ + m < π, else cos θ − m · sin m.  [N] → [N] */
export function withAffineTail(cosTheta: Variable, margin: number): Variable {
  const { engine } = cosTheta.tensor;
  const beforePi = engine.binary("greater", cosTheta.tensor, engine.full([1], Math.cos(Math.PI - margin))); // [N]
  const tail = affine(cosTheta, 1, -margin * Math.sin(margin)); // [N]
  return select(beforePi, cosOfWidenedAngle(cosTheta, margin), tail);
}
