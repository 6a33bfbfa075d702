/**
 * Training batches as a pure function of the step.
 *
 * Epoch e visits the images in the order `stream(seed, "order", e)`; what happens to an image in it is drawn from
 * (seed, e, image). Nothing is remembered from batch to batch, so a loader can start at any step, and a run that is resumed sees what
 * the run that was never stopped saw. As the draw does not depend on the batch, k batches of B/k images are the images
 * of one batch of B (while both leave the same images out at the end of an epoch): gradient accumulation changes nothing.
 *
 * Images are read one batch ahead, so that files are decoded while the batch before is trained on. Left out: sampling that
 * balances classes (Partial FC shuffles the whole set).
 */
import { stream, type Key } from "../tensor/random.js";
import { augment, checkAugmentation, imageRandom, type Augmentation } from "./augmentation.js";
import { imageSize, readImages, type ImageSet } from "./ImageSet.js";
import { normalise, type Normalisation } from "./normalise.js";
import { readAhead } from "./readAhead.js";

export interface Batch {
  /** [B, C, H, W] */
  readonly images: Float32Array;
  /** [B] */
  readonly labels: Int32Array;
  /** Which images of the set these are, [B]. */
  readonly indices: Int32Array;
  readonly step: number;
  readonly epoch: number;
}

export interface LoaderOptions {
  readonly set: ImageSet;
  /** B, images a step. */
  readonly batch: number;
  readonly seed: number | string;
  readonly augmentation?: Augmentation;
  /** After the augmentation; none by default, so that background stays 0 as the padding of a convolution is. */
  readonly normalise?: Normalisation;
  /** Leave out the short batch at the end of an epoch (default true: batch norm and sampling want equal batches). */
  readonly dropLast?: boolean;
}

export interface Loader {
  readonly set: ImageSet;
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
  /** The batch of one step, computed afresh. */
  readonly at: (step: number) => Promise<Batch>;
  /** Batches from `step` on, for ever or up to (not including) step `until`. */
  readonly from: (step: number, until?: number) => AsyncGenerator<Batch, void, undefined>;
}

/** @throws Error if the batch is larger than the set, or an option makes no sense. */
export function loader(options: LoaderOptions): Loader {
  const { set, batch: batchSize, seed, augmentation, normalise: normalisation, dropLast = true } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new Error(`loader: a batch is a whole number of images, at least 1, given ${batchSize}.`);
  }
  if (batchSize > set.count) {
    throw new Error(
      `loader: a batch of ${batchSize} is larger than the data set (${set.name}: ${set.count} images); take a smaller one.`,
    );
  }
  if (augmentation) checkAugmentation(augmentation);
  const stepsPerEpoch = dropLast ? Math.floor(set.count / batchSize) : Math.ceil(set.count / batchSize);
  const size = imageSize(set);
  const plain = new Float32Array(size);
  const epochOf = epochs(seed, set.count);

  const at = async (step: number): Promise<Batch> => {
    if (!Number.isSafeInteger(step) || step < 0) {
      throw new Error(`loader: a step is a whole number from 0 on, given ${step}.`);
    }
    const epoch = Math.floor(step / stepsPerEpoch);
    const { order, key } = epochOf(epoch);
    const begin = (step % stepsPerEpoch) * batchSize;
    const indices = order.slice(begin, begin + batchSize);
    const images = new Float32Array(indices.length * size); // [B, C, H, W]
    await readImages(set, indices, images);
    indices.forEach((image, place) => {
      const offset = place * size;
      if (augmentation) {
        plain.set(images.subarray(offset, offset + size));
        augment(plain, images, offset, set, augmentation, imageRandom(key, image));
      }
      if (normalisation) normalise(images, offset, set, normalisation);
    });
    return { images, labels: indices.map((image) => set.labels[image]), indices, step, epoch };
  };

  const from = (step: number, until = Infinity): AsyncGenerator<Batch, void, undefined> => readAhead(at, step, until);
  return { set, batchSize, stepsPerEpoch, at, from };
}

interface Epoch {
  readonly order: Int32Array;
  readonly key: Key;
}

/** The order of the images and the key of their augmentation in an epoch; the last epoch asked for is kept at hand. */
function epochs(seed: number | string, count: number): (epoch: number) => Epoch {
  let kept = { epoch: -1, order: new Int32Array(0), key: [0, 0] as Key };
  return (epoch) => {
    if (kept.epoch !== epoch) {
      const order = Int32Array.from({ length: count }, (_, image) => image);
      stream(seed, "order", epoch).shuffle(order);
      kept = { epoch, order, key: stream(seed, "augmentation", epoch).key() };
    }
    return kept;
  };
}
