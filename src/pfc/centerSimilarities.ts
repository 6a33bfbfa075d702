/**
 * How near embeddings are to class centers, without a gradient: to their own, and to the nearest other one.
 *
 * Cosines are those that the loss sees: clamped to [−1, 1]; of wrong classes above the filter's threshold, 0. Over a sample the nearest other
 * center is the nearest of the sample, so that its cosine is a lower bound of that over all centers; over ranks it is the largest of
 * the ranks' own.
 */
import type { Communicator } from "../ranks/communicator.js";
import type { Tensor } from "../tensor/tensor.js";

export interface CenterSimilarities {
  /** cos θ of the own center: [N] */
  readonly own: Tensor;
  /** The largest cos θ among the other centers; far below −1 where there is none: [N] */
  readonly nearest: Tensor;
}

/** More than cosines can differ. */
const BELOW_ALL = -4;

/** From the cosines of a rank's sampled centers, and the column of each row's own, −1 where another rank has it (`own` is then 0).  [N, S] → [N] */
export function nearestCenters(cosine: Tensor, labels: Int32Array): CenterSimilarities {
  const { engine, shape } = cosine;
  return engine.scope(() => {
    const lowered = engine.place(engine.full([shape[0]], BELOW_ALL), labels, shape[1]); // [N, S]
    const others = engine.binary("add", cosine, lowered); // [N, S]
    return { own: engine.pick(cosine, labels), nearest: engine.reduce("maximum", others, [1], false) };
  });
}

/** From what each rank knows of the rows of all ranks to the rows of this rank: exactly one rank knows a row's own center.  [K·B] → [B] */
export function similaritiesOfRank(
  { own, nearest }: CenterSimilarities,
  rows: number,
  communicator: Communicator,
): CenterSimilarities {
  if (communicator.size === 1) return { own, nearest };
  const { engine } = own;
  const start = communicator.rank * rows;
  return engine.scope(() => ({
    own: communicator.reduceScatter(own),
    nearest: engine.slice(communicator.allReduce(nearest, "maximum"), 0, start, start + rows),
  }));
}
