/**
 * The embeddings of all ranks, on every rank (Partial FC: centers stay where they are, embeddings travel).
 *
 * The derivative is a SUM over ranks, which is what the mathematics says: every rank compared this row with its own classes. The
 * public code multiplies it by the number of ranks besides, because the wrapper that trains its backbone then averages over
 * ranks; here gradients of the backbone are summed too, and no factor is needed.
 */
import { customOp, type Variable } from "../autograd/index.js";
import { alone } from "../ranks/alone.js";
import type { Communicator } from "../ranks/communicator.js";
import type { Tensor } from "../tensor/tensor.js";

export const gatherRanksOperation = customOp<[Tensor], Communicator>({
  name: "gatherRanks",
  signature: "[B, E] of every rank → [N, E]",
  forward: (_engine, [x], communicator) => ({ y: communicator.allGather(x) }),
  // my block of rows went to every rank: its gradient is the sum of what all of them send back
  backward: (dy, { options: communicator }) => [communicator.reduceScatter(dy)],
  samples: [{ inputs: [{ shape: [3, 4] }], options: alone }],
  linearIn: "all",
});

/** x: [B, E], with the same B on every rank → [N, E], N = K·B, in rank order. */
export function gatherRanks(x: Variable, communicator: Communicator): Variable {
  return gatherRanksOperation([x], communicator);
}
