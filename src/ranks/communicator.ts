/**
 * What a layer that is spread over ranks asks of the others (the collectives of the Message Passing Interface).
 *
 * Every rank calls the same collectives in the same order, with equal shapes. Calls return when the result is there. Results are
 * tensors of their own: the argument is never written to and stays its owner's. Sums are formed in rank order, so that the bits
 * of a result do not depend on which rank was first.
 *
 * Left out: collectives over a part of the ranks, and collectives that run while something else is computed.
 */
import type { Tensor } from "../tensor/tensor.js";

export interface Communicator {
  /** This process, from 0. */
  readonly rank: number;
  /** K, how many ranks there are. */
  readonly size: number;
  /** The blocks of all ranks below each other, in rank order: [B, …] → [K·B, …]. */
  allGather(x: Tensor): Tensor;
  /** The same for host integers, such as labels. */
  allGatherIntegers(values: Int32Array): Int32Array;
  /** Element by element over the ranks; every rank gets the result. */
  allReduce(x: Tensor, operation: "sum" | "maximum"): Tensor;
  /** The sum over the ranks, of which every rank gets the block that is its own: [K·B, …] → [B, …]. The adjoint of `allGather`. */
  reduceScatter(x: Tensor): Tensor;
  /** The tensor of rank `root`, on every rank. */
  broadcast(x: Tensor, root: number): Tensor;
  /** Returns when every rank has called it. */
  barrier(): void;
}
