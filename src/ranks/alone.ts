/** The communicator of a single rank: it has nobody to talk to, and every collective is the identity. */
import type { Communicator } from "./communicator.js";

export const alone: Communicator = {
  rank: 0,
  size: 1,
  allGather: (x) => x.share(),
  allGatherIntegers: (values) => values.slice(),
  allReduce: (x) => x.share(),
  reduceScatter: (x) => x.share(),
  broadcast(x, root) {
    if (root !== 0)
      throw new Error(`broadcast: the root must be one of the ranks; there is rank 0 only, given ${root}.`);
    return x.share();
  },
  barrier() {
    // everybody is here
  },
};
