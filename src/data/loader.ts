/**
 * Training batches as a pure function of the step.
 *
 * Epoch e visits the images in the order `stream(seed, "order", e)`; what happens to an image in it is drawn from
 * (seed, e, image). Nothing is remembered from batch to batch, so a loader can start at any step, and a run that is resumed sees what
 * the run that was never stopped saw. As the draw does not depend on the batch, k batches of B/k images are the images
 * of one batch of B (while both leave the same images out at the end of an epoch): gradient accumulation changes nothing.
 *
 * Images are read one batch ahead, so that files are decoded while the batch before is trained on. Left out: sampling that
 * balances classes (Partial FC shuffles the whole set); tuples of an anchor and its rivals are in `tuples/`.
 */
import { stream } from "../tensor/random.js";
import type { Uniform } from "./affine.js";
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

/** @throws Error if the batch is larger than the set, or an option makes no sense, or none for images of so many channels. */
export function loader(options: LoaderOptions): Loader {
  const { set, batch, seed, dropLast = true } = options;
  return batchesByStep(options, {
    stepsPerEpoch: dropLast ? Math.floor(set.count / batch) : Math.ceil(set.count / batch),
    epochOf: (epoch) => {
      const order = Int32Array.from({ length: set.count }, (_, image) => image);
      stream(seed, "order", epoch).shuffle(order);
      const key = stream(seed, "augmentation", epoch).key();
      return { order, randomOf: (_, image) => imageRandom(key, image) };
    },
  });
}

/** What an epoch shows. */
export interface Epoch {
  /** Its images, batch after batch. */
  readonly order: Int32Array;
  /** What the augmentation of the image at this place of the order is drawn from. */
  readonly randomOf: (place: number, image: number) => Uniform;
}

/** Which images are shown when. */
export interface Schedule {
  readonly stepsPerEpoch: number;
  /** A function of the epoch; the last epoch that was asked for is kept. */
  readonly epochOf: (epoch: number) => Epoch;
}

/** Batches of any schedule: step s is batch s mod stepsPerEpoch of epoch ⌊s / stepsPerEpoch⌋. @throws Error as `loader` */
export function batchesByStep(
  { set, batch: batchSize, augmentation, normalise: normalisation }: LoaderOptions,
  { stepsPerEpoch, epochOf }: Schedule,
): Loader {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new Error(`loader: a batch is a whole number of images, at least 1, given ${batchSize}.`);
  }
  if (batchSize > set.count) {
    throw new Error(
      `loader: a batch of ${batchSize} is larger than the data set (${set.name}: ${set.count} images); take a smaller one.`,
    );
  }
  if (augmentation) checkAugmentation(augmentation);
  if (augmentation?.colourNoise && set.channels !== 3) {
    throw new Error(
      `loader: colour noise is of images with three channels, red, green and blue; those of ${set.name} have ${set.channels}.`,
    );
  }
  const size = imageSize(set);
  const plain = new Float32Array(size);
  const keptEpochOf = keepLast(epochOf);

  const at = async (step: number): Promise<Batch> => {
    if (!Number.isSafeInteger(step) || step < 0) {
      throw new Error(`loader: a step is a whole number from 0 on, given ${step}.`);
    }
    const epoch = Math.floor(step / stepsPerEpoch);
    const { order, randomOf } = keptEpochOf(epoch);
    const begin = (step % stepsPerEpoch) * batchSize;
    const indices = order.slice(begin, begin + batchSize);
    const images = new Float32Array(indices.length * size); // [B, C, H, W]
    await readImages(set, indices, images);
    indices.forEach((image, place) => {
      const offset = place * size;
      if (augmentation) {
        plain.set(images.subarray(offset, offset + size));
        augment(plain, images, offset, set, augmentation, randomOf(begin + place, image));
      }
      if (normalisation) normalise(images, offset, set, normalisation);
    });
    return { images, labels: indices.map((image) => set.labels[image]), indices, step, epoch };
  };

  const from = (step: number, until = Infinity): AsyncGenerator<Batch, void, undefined> => readAhead(at, step, until);
  return { set, batchSize, stepsPerEpoch, at, from };
}

function keepLast(epochOf: (epoch: number) => Epoch): (epoch: number) => Epoch {
  let kept: { readonly number: number; readonly epoch: Epoch } | undefined;
  return (number) => {
    if (kept?.number !== number) kept = { number, epoch: epochOf(number) };
    return kept.epoch;
  };
}
