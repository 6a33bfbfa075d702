/**
 * Margins that are made anew for every batch: somebody supplies the scale s and the margin m of CosFace's form.
 *
 *     z_ij = s · cos θ_ij          j ≠ y_i
 *     z_iy = s · (cos θ_iy − m)
 *
 * s comes from the cosines of the rows with their own classes; m may also use what the wrong classes weigh at that scale, ln B. Both are
 * constants of the batch: no gradient passes through them. They are tensors, so that a queued engine need not be waited for.
 */
import { add, constant, multiply, place, type Variable } from "../../autograd/index.js";
import type { Communicator } from "../../ranks/communicator.js";
import { NO_LOGIT } from "../../tensor/cosineSweep.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Margin, MarginState } from "./margin.js";

/** What a supplier makes of the target cosines of a batch. */
export interface Supply {
  /** s: [] */
  readonly scale: Tensor;
  /** Lower median of the target cosines: [] */
  readonly median: Tensor;
  /** m: [] from ln B_i = ln Σ_j≠y exp(s · cos θ_ij) at that scale, −3e38 or less where there is no wrong class: [N] */
  readonly margin: (logOthers: Tensor) => Tensor;
}

/** Supplies (s, m) batch by batch. */
export interface MarginSupplier extends MarginState {
  /**
   * @param target cos θ_iy of the rows of all ranks: [N]
   * @param share of all classes, those that the batch is compared with: S/C, at most 1. Over a sample it is above r where own classes fill it
   */
  supply(target: Tensor, share: number): Supply;
}

/** s, m and the median cosine of a batch: [] each. */
export interface SuppliedNumbers {
  readonly scale: Tensor;
  readonly margin: Tensor;
  readonly median: Tensor;
}

export function isSupplier(margin: Margin | MarginSupplier): margin is MarginSupplier {
  return "supply" in margin;
}

/** s · (cos θ, at the right class − m).  cosine: [N, S], labels: [N] columns, or −1; scale, margin: [] → [N, S] */
export function suppliedLogits(
  cosine: Variable,
  labels: Int32Array,
  { scale, margin }: Pick<SuppliedNumbers, "scale" | "margin">,
): Variable {
  const { engine, shape } = cosine.tensor;
  const lowered = constant(engine.broadcastTo(engine.affine(margin, -1, 0), [shape[0]])); // [N]: −m
  return multiply(add(cosine, place(lowered, labels, shape[1])), constant(scale)); // [N, S]
}

/**
 * Logits of one batch by whatever margin it is, and what was supplied for it.  cosine: [N, S], labels: [N] columns, or −1 → [N, S]
 *
 * @param classes of this rank, of which S are sampled
 */
export function marginLogitsOf(
  margin: Margin | MarginSupplier,
  cosine: Variable,
  labels: Int32Array,
  classes: number,
  communicator: Communicator,
): { readonly logits: Variable; readonly supplied?: SuppliedNumbers } {
  const { engine } = cosine.tensor;
  const targets = (): Tensor => communicator.allReduce(engine.pick(cosine.tensor, labels), "sum"); // [N]
  if (!isSupplier(margin)) return { logits: margin.logits(cosine, labels, targets) };
  const supplied = engine.scope(() => {
    const share = sampledShare(cosine.shape[1], classes, communicator);
    const { scale, median, margin: marginOf } = margin.supply(targets(), share);
    return { scale, median, margin: marginOf(logOthers(cosine.tensor, labels, scale, communicator)) };
  });
  return { logits: suppliedLogits(cosine, labels, supplied), supplied };
}

/** S/C over the ranks, from what this one has of both. */
export function sampledShare(sampled: number, classes: number, communicator: Communicator): number {
  const counts = communicator.allGatherIntegers(Int32Array.of(sampled, classes)); // S and C of every rank in turn
  const total = (first: number): number => counts.reduce((sum, count, i) => (i % 2 === first ? sum + count : sum), 0);
  return total(0) / total(1);
}

/** ln Σ_j≠y exp(s · cos θ_ij) over the classes of all ranks.  [N, S], [] → [N] */
export function logOthers(cosine: Tensor, labels: Int32Array, scale: Tensor, communicator: Communicator): Tensor {
  const { engine, shape } = cosine;
  const absent = engine.place(engine.full([shape[0]], NO_LOGIT), labels, shape[1]); // [N, S]
  const logits = engine.binary("add", engine.binary("multiply", cosine, scale), absent); // [N, S]
  const largest = engine.reduce("maximum", logits, [1], true); // [N, 1]
  const total = engine.reduce("sum", engine.unary("exp", engine.binary("subtract", logits, largest)), [1], false); // [N]
  return logSumOfRanks(largest.reshape([shape[0]]), total, communicator);
}

/** ln Σ over ranks of total · e^largest, from what each rank knows.  [N], [N] → [N] */
export function logSumOfRanks(largest: Tensor, total: Tensor, communicator: Communicator): Tensor {
  const { engine } = largest;
  const highest = communicator.allReduce(largest, "maximum"); // [N]
  const share = engine.unary("exp", engine.binary("subtract", largest, highest)); // [N]
  const sum = communicator.allReduce(engine.binary("multiply", total, share), "sum"); // [N]
  return engine.binary("add", highest, engine.unary("log", sum));
}
