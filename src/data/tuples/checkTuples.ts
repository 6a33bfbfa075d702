/** What tuples are made of, and what is said where it does not fit together. */
import { classMembers } from "../classMembers.js";

/** What a trained network takes the images of a set for. */
export interface ClassPredictions {
  /** The class of each image, [N], to be compared with the set's labels. */
  readonly truth: Int32Array;
  /** The class that the network gives it, [N]. */
  readonly predicted: Int32Array;
}

/** How often hard negatives are tried; the defaults are the paper's. */
export interface HardNegatives {
  /** Anchor recognised: an image of another class that is taken for the anchor's; default 0.5. */
  readonly recognised?: number;
  /** Anchor mistaken: such an image; default 0.33. */
  readonly mistaken?: number;
  /** Anchor mistaken, and none of those: an image of the class that it was mistaken for; default 0.5. */
  readonly mistakenFor?: number;
}

/** @throws Error unless the images of these classes, [N], make a tuple. */
export function checkTuples(labels: Int32Array, tuple: number, ranks: number): void {
  if (!Number.isInteger(tuple) || tuple < 3) {
    throw new Error(`tuples: a tuple is an anchor, a positive and one negative at least, 3 images; given ${tuple}.`);
  }
  if (!Number.isInteger(ranks) || ranks < 1) {
    throw new Error(`tuples: tuples are shared out between a whole number of ranks, at least 1, given ${ranks}.`);
  }
  const negative = labels.findIndex((label) => label < 0);
  if (negative >= 0) {
    throw new Error(`tuples: a class is 0 or more, but image ${negative} has class ${labels[negative]}.`);
  }
  const members = [...classMembers(labels).values()];
  if (!members.some(({ length }) => length >= 2)) {
    throw new Error(
      `tuples: an anchor and its positive are two images of a class, but each of the ${members.length} classes has one image.`,
    );
  }
  if (members.length < tuple - 1) {
    throw new Error(
      `tuples: a tuple of ${tuple} images shows ${tuple - 1} classes, that of the anchor and ${tuple - 2} others; the set has ${members.length}.`,
    );
  }
}

/** @throws Error unless predictions are of a set with these labels, [N]. */
export function checkPredictions(labels: Int32Array, { truth, predicted }: ClassPredictions): void {
  if (truth.length !== labels.length || predicted.length !== labels.length) {
    throw new Error(
      `tuples: predictions are one an image, in the set's order; the set has ${labels.length} images, given are ` +
        `${truth.length} true and ${predicted.length} predicted classes.`,
    );
  }
  const other = labels.findIndex((label, image) => truth[image] !== label);
  if (other >= 0) {
    throw new Error(
      `tuples: predictions belong to the set they were made of, but image ${other} has class ${labels[other]} here and ${truth[other]} there.`,
    );
  }
  const wrong = predicted.findIndex((label) => label < 0);
  if (wrong >= 0) throw new Error(`tuples: a class is 0 or more, but image ${wrong} is taken for ${predicted[wrong]}.`);
}

/** @throws Error for a probability outside 0 .. 1 */
export function checkHardNegatives(rates: Required<HardNegatives>): void {
  for (const [name, rate] of Object.entries(rates)) {
    if (!(rate >= 0 && rate <= 1)) throw new Error(`tuples: the probability ${name} lies in 0 .. 1, given ${rate}.`);
  }
}
