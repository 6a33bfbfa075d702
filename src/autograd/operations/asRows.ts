/** Kernels of rows take matrices; an operation over the last axis takes tensors of any rank. */
import { sizeOf } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";

/** x seen as a matrix [N, M] of its last axis. */
export function asRows(x: Tensor): Tensor {
  return x.reshape([sizeOf(x.shape.slice(0, -1)), x.shape[x.rank - 1]]);
}
