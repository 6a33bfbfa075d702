/** Some classes of a set for training, others for the test: recognition is tested on classes that training has not seen. */
import { stream } from "../tensor/random.js";
import { classSizes, genuinePairs } from "./classSizes.js";
import type { ImageSet, Reading } from "./ImageSet.js";
import { indicesWhere, selectImages } from "./selectImages.js";

/** All pairs of a test part are compared, so that it must not grow with sets of millions. */
const MOST_TEST_CLASSES = 500;
/** Verification draws as many genuine as impostor pairs, and one pair at least for each of its ten folds. */
const FEWEST_GENUINE_PAIRS = 5;

export interface ClassShare {
  /** Share of the classes that is split off, 500 classes at most. */
  readonly share: number;
  /** Of the split: two names draw different classes. */
  readonly part: string;
}

/**
 * Splits off classes, drawn evenly among those with two images or more. The draw depends on the classes' number only: every run on the same
 * files is tested on the same classes.
 *
 * @throws Error if fewer than two classes would be left on a side, or a test part has too few images of one class.
 */
export function splitClasses<How extends Reading>(
  set: ImageSet<How>,
  { share, part }: ClassShare,
): { readonly train: ImageSet<How>; readonly test: ImageSet<How> } {
  const sizes = classSizes(set);
  const present = sizes.filter((size) => size > 0).length; // numbers may have gaps
  const several = Int32Array.from(sizes.keys()).filter((label) => sizes[label] >= 2);
  const wanted = Math.max(2, Math.min(Math.round(share * present), MOST_TEST_CLASSES));
  if (several.length < wanted || present < wanted + 2) {
    throw new Error(
      `${set.name}: the ${part} part takes ${wanted} classes with at least two images each and leaves two for training; ` +
        `the set has ${present} classes, ${several.length} of them with two images or more.`,
    );
  }
  const chosen = new Set(stream("classes split off", part).shuffle(several).subarray(0, wanted));
  const choose = (inside: boolean, name: string): ImageSet<How> =>
    selectImages(
      set,
      indicesWhere(set, (index) => chosen.has(set.labels[index]) === inside),
      name,
    );
  const test = choose(true, `${set.name}, ${part} classes`);
  checkTestPart(test);
  return { train: choose(false, `${set.name}, ${part} classes left out`), test };
}

/** @throws Error if a set is too small for the protocols of the report. */
export function checkTestPart(set: ImageSet): void {
  const genuine = genuinePairs(set);
  if (set.classes < 2 || genuine < FEWEST_GENUINE_PAIRS) {
    throw new Error(
      `${set.name}: a test needs two classes and ${FEWEST_GENUINE_PAIRS} pairs of images of one class, these ` +
        `${set.count} images of ${set.classes} classes have ${genuine}; give it more images, or more classes (dataset.testShare).`,
    );
  }
}
