/**
 * Images of every class dealt out to parts, so that no part shows a class that training does not: for training a classifier and validating it.
 * (Classes that training has not seen are split off by `splitClasses.ts`.)
 *
 * The images of a class are drawn by (seed, class) alone: what becomes of a class does not depend on the others, nor on the order of classes.
 */
import { stream } from "../tensor/random.js";
import { classMembers } from "./classMembers.js";

/** Numbers of images, rising. */
export interface ValidationSplit {
  readonly train: Int32Array;
  readonly validation: Int32Array;
}

/** Numbers of images, rising. */
export interface ClassSplit extends ValidationSplit {
  readonly test: Int32Array;
  /** Images of classes with fewer than three: they are in no part. */
  readonly leftOut: number;
}

/**
 * Of n images of a class, drawn by the seed, round(share · n) are for validation, but never all: one at least stays in training. With the
 * default of a fifth, 4 to 1, classes of one or two images give none away, those of three to seven one.
 *
 * @param labels [N]
 * @throws Error for a share outside [0, 1)
 */
export function splitTrainValidation(labels: Int32Array, seed: number | string, share = 1 / 5): ValidationSplit {
  if (!(share >= 0 && share < 1)) {
    throw new Error(`split: the share of images for validation lies in 0 .. 1, 1 excluded, given ${share}.`);
  }
  const [validation, train] = dealWithinClasses(labels, seed, (n) => {
    const given = Math.min(n - 1, Math.round(share * n));
    return [given, n - given];
  });
  return { train, validation };
}

/**
 * Of n images of a class, drawn by the seed, a fifth (one at least) is for the test, as many for validation, the others for training.
 *
 * @param labels [N]
 */
export function splitWithinClasses(labels: Int32Array, seed: number | string): ClassSplit {
  const [test, validation, train, others] = dealWithinClasses(labels, seed, (n) => {
    const share = Math.max(1, Math.floor(n / 5));
    return n < 3 ? [0, 0, 0, n] : [share, share, n - 2 * share, 0];
  });
  return { train, validation, test, leftOut: others.length };
}

/** Deals the images of every class, in an order drawn by (seed, class), out to parts of these sizes. */
function dealWithinClasses(
  labels: Int32Array,
  seed: number | string,
  sizesOf: (count: number) => readonly number[],
): Int32Array[] {
  const parts: number[][] = sizesOf(0).map(() => []);
  for (const [label, images] of classMembers(labels)) {
    const drawn = stream(seed, "split within classes", label).shuffle(images);
    let begin = 0;
    for (const [part, size] of sizesOf(images.length).entries()) {
      for (const image of drawn.subarray(begin, begin + size)) parts[part].push(image);
      begin += size;
    }
  }
  return parts.map((part) => Int32Array.from(part).sort());
}
