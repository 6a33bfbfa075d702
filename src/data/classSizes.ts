/** How many images the classes of a set have, and how many pairs of images show one class. */
import type { ImageSet } from "./ImageSet.js";

/** Images of each class, [C] */
export function classSizes({ labels, classes }: Pick<ImageSet, "labels" | "classes">): Int32Array {
  const sizes = new Int32Array(classes);
  for (const label of labels) sizes[label]++;
  return sizes;
}

/** Pairs of two images of one class. */
export function genuinePairs(set: Pick<ImageSet, "labels" | "classes">): number {
  return classSizes(set).reduce((sum, size) => sum + (size * (size - 1)) / 2, 0);
}
