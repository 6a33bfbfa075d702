/**
 * Training batches of tuples, as a pure function of the step: what `loader` is for single images.
 *
 * Epoch e shows the tuples that `tuplePlanner` draws from (seed, e), batch after batch. The plan of an epoch is drawn when the first of its
 * steps is asked for, and kept until a step of another one is: a run that is resumed draws it again. An image can occur in several passes of
 * an epoch; what happens to it is drawn anew each time, from (seed, e, its place in the plan).
 */
import { stream } from "../../tensor/random.js";
import { imageRandom } from "../augmentation.js";
import { batchesByStep, type Loader, type LoaderOptions } from "../loader.js";
import { epochLength, tuplePlanner, type TuplePlanOptions } from "./planTuples.js";

/** `batch` is B, a multiple of S · ranks; with `dropLast: false` the short batch at the end is one, too. */
export interface TupleLoaderOptions extends LoaderOptions, Omit<TuplePlanOptions, "labels"> {}

/** @throws Error as `loader` and `tuplePlanner`, or for a batch that does not hold a whole number of tuples for each rank. */
export function tupleLoader(options: TupleLoaderOptions): Loader {
  const { set, batch, seed, dropLast = true, tuple = 8, ranks = 1, predictions, hard } = options;
  const plan = tuplePlanner({ labels: set.labels, tuple, ranks, predictions, hard }, seed);
  if (tuple > batch) {
    throw new Error(
      `tuples: a batch holds whole tuples, but a tuple of ${tuple} images is longer than a batch of ${batch}.`,
    );
  }
  if (batch % (tuple * ranks) !== 0) {
    const shared = ranks > 1 ? ` on each of ${ranks} ranks` : "";
    throw new Error(
      `tuples: a batch holds a whole number of tuples of ${tuple} images${shared}, given ${batch} images.`,
    );
  }
  const steps = epochLength(set.count, tuple, ranks) / batch;
  return batchesByStep(options, {
    stepsPerEpoch: dropLast ? Math.floor(steps) : Math.ceil(steps),
    epochOf: (epoch) => {
      const key = stream(seed, "augmentation", epoch).key();
      return { order: plan(epoch).images, randomOf: (place) => imageRandom(key, place) };
    },
  });
}
