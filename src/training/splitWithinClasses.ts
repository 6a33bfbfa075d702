/** Images of every class dealt out to three parts, for protocols that train a classifier on classes which all parts know. */
import { stream } from "../tensor/random.js";

/** Numbers of images, rising. */
export interface ClassSplit {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
  /** Images of classes with fewer than three: they are in no part. */
  readonly leftOut: number;
}

/**
 * Of n images of a class, drawn by the seed, a fifth (one at least) is for the test, as many for validation, the others for training.
 *
 * @param labels [N]
 */
export function splitWithinClasses(labels: Int32Array, seed: number | string): ClassSplit {
  const members = new Map<number, number[]>();
  for (const [image, label] of labels.entries()) {
    const known = members.get(label);
    if (known) known.push(image);
    else members.set(label, [image]);
  }
  const parts: Record<"train" | "validation" | "test", number[]> = { train: [], validation: [], test: [] };
  let leftOut = 0;
  for (const [label, images] of members) {
    if (images.length < 3) {
      leftOut += images.length;
      continue;
    }
    const drawn = Int32Array.from(images);
    stream(seed, "split within classes", label).shuffle(drawn);
    const share = Math.max(1, Math.floor(images.length / 5));
    parts.test.push(...drawn.subarray(0, share));
    parts.validation.push(...drawn.subarray(share, 2 * share));
    parts.train.push(...drawn.subarray(2 * share));
  }
  const rising = (part: number[]): Int32Array => Int32Array.from(part).sort();
  return { train: rising(parts.train), validation: rising(parts.validation), test: rising(parts.test), leftOut };
}
