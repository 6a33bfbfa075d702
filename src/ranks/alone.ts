/** The communicator of a single rank: it has nobody to talk to, and every collective is the identity. */
import type { Tensor } from "../tensor/tensor.js";
import type { Communicator } from "./communicator.js";

export const alone: Communicator = {
  rank: 0,
  size: 1,
  allGather: same,
  allGatherIntegers: (values) => values.slice(),
  allReduce: same,
  reduceScatter: same,
  broadcast(x, root) {
    if (root !== 0)
      throw new Error(`broadcast: the root must be one of the ranks; there is rank 0 only, given ${root}.`);
    return same(x);
  },
  barrier() {
    // everybody is here
  },
};

/** A tensor of its own that shares the storage: nothing is copied. */
function same(x: Tensor): Tensor {
  return x.reshape(x.shape);
}
