/**
 * What the margins of this folder have in common: they change one cosine in a row, that of the row's own class.
 *
 *     z_ij = s · cos θ_ij                      j ≠ y_i
 *     z_iy = s · (cos θ_iy + correction(cos θ_iy))
 *
 * A correction below zero makes the right class look worse than it is, so that training has to win by a margin (CosFace, equation
 * 4; ArcFace, equation 3). Rows whose label is −1 have their class on another rank: nothing changes there.
 */
import { add, affine, pick, place, type Variable } from "../../autograd/index.js";
import type { ModuleBuffer } from "../../nn/parameter.js";
import type { Tensor } from "../../tensor/tensor.js";

/**
 * What a margin remembers from batch to batch. The head that is given the margin gives it memory, and it is stored with the head. Each of
 * several ranks has a margin of its own; of ranks in one process these are tensors to be named as written (`InProcessRanks`).
 */
export interface MarginState {
  readonly buffers?: Readonly<Record<string, ModuleBuffer>>;
}

export interface Margin extends MarginState {
  /** s, by which all cosines are multiplied: a softmax over numbers between −1 and 1 could never become certain. */
  readonly scale: number;
  /** true: inner products may stand for cosines, as nothing is made of an angle. */
  readonly unbounded?: boolean;
  /** true: logits of wrong classes are not s · cos θ either, which the fused path cannot have. */
  readonly changesOthers?: boolean;
  /**
   * cosine: [N, S], every entry between −1 and 1; labels: [N] columns, or −1 → logits: [N, S]
   *
   * @param targets cos θ_iy of all rows, whichever rank has their class: [N]
   */
  logits(cosine: Variable, labels: Int32Array, targets?: () => Tensor): Variable;
}

/** s · (cos θ + correction at the target).  cosine: [N, S], labels: [N]; `correction` maps the target cosines, [N] → [N]. */
export function marginLogits(
  cosine: Variable,
  labels: Int32Array,
  scale: number,
  correction: (target: Variable) => Variable,
): Variable {
  const target = pick(cosine, labels); // [N, S] → [N]
  const atTarget = place(correction(target), labels, cosine.shape[1]); // [N] → [N, S]
  return affine(add(cosine, atTarget), scale, 0); // [N, S]
}

/** θ = 0 and θ = π are as far as this away from a cosine whose angle is differentiated: 1/sin θ is infinite there. */
export const POLE = 1e-7;

/** @throws Error if the scale is not positive, or a margin is not a number. */
export function checkMargin(name: string, scale: number, margins: Readonly<Record<string, number>>): void {
  if (!(scale > 0 && Number.isFinite(scale)))
    throw new Error(`${name}: scale must be a positive number, given ${scale}.`);
  for (const [key, value] of Object.entries(margins)) {
    if (!Number.isFinite(value)) throw new Error(`${name}: ${key} must be a finite number, given ${value}.`);
  }
}
