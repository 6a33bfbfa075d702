/** Pairs of images with the answer: what face verification is measured on. */
import type { ImageSet } from "./ImageSet.js";

export interface PairSet {
  /** Of the file: "lfw". */
  readonly name: string;
  /** Pair i is images 2i and 2i + 1, and that is all that is known of their classes: label i. */
  readonly images: ImageSet;
  /** 1 for two images of one class, [P] */
  readonly same: Uint8Array;
}

/** Ten folds, as the protocol has it, need a pair each. */
const FEWEST_PAIRS = 10;

/** @throws Error unless the pairs fit their images and both answers occur. */
export function checkPairSet({ name, images, same }: PairSet): void {
  const genuine = same.reduce((sum, value) => sum + value, 0);
  if (images.count !== 2 * same.length) {
    throw new Error(`${name}: each pair has two images, given ${images.count} images and ${same.length} pairs.`);
  }
  if (same.length < FEWEST_PAIRS || genuine === 0 || genuine === same.length) {
    throw new Error(
      `${name}: verification needs ${FEWEST_PAIRS} pairs, of one class and of two, given ${genuine} and ${same.length - genuine}.`,
    );
  }
}
