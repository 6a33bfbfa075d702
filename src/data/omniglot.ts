/**
 * Omniglot (Lake, Salakhutdinov and Tenenbaum 2015): handwritten characters of 50 alphabets, each drawn once by 20 people.
 *
 * The official halves: train on the 30 background alphabets (964 characters), test on the 20 evaluation alphabets (659). The
 * 20 one-shot runs are the authors' own. Images are reduced from 105x105 by area averaging, once.
 */
import { resizeImages } from "./areaResize.js";
import { DEFAULT_AUGMENTATION } from "./augmentation.js";
import type { DataSet, SplitOptions } from "./DataSet.js";
import { checkLabels, type HostImageSet, type ImageSet } from "./ImageSet.js";
import { ipkImageSet } from "./ipkImageSet.js";
import type { IpkImages } from "./readIpk.js";
import { rotateClasses } from "./rotateClasses.js";
import { indicesWhere, selectImages } from "./selectImages.js";

export const OMNIGLOT_FILES = {
  background: "omniglot-background.ipk.gz",
  evaluation: "omniglot-evaluation.ipk.gz",
  oneShot: "omniglot-oneshot20.ipk.gz",
} as const;

/** The validation part: the last five background alphabets (25 to 29: 151 characters). */
const HELD_OUT_ALPHABETS = 5;
const COLUMNS = ["class", "drawer", "alphabet", "character"];

/** The three opened files as one data set. @throws Error if their label columns are not those of Omniglot. */
export function omniglot(
  files: Readonly<Record<keyof typeof OMNIGLOT_FILES, IpkImages>>,
  options: SplitOptions = {},
): DataSet {
  const { side = 32, holdOut = false, rotations = false } = options;
  const background = resizeImages(ipkImageSet(files.background, COLUMNS, "omniglot background"), side);
  const test = resizeImages(ipkImageSet(files.evaluation, COLUMNS, "omniglot evaluation"), side);
  const oneShot = oneShotRuns(
    resizeImages(ipkImageSet(files.oneShot, ["run", "test", "class"], "omniglot one-shot runs"), side),
  );

  const { alphabet } = background.columns;
  const firstHeldOut = alphabet.reduce((last, value) => Math.max(last, value), 0) + 1 - HELD_OUT_ALPHABETS;
  const part = (keep: (index: number) => boolean, name: string): ImageSet =>
    selectImages(background, indicesWhere(background, keep), name);
  const train = holdOut
    ? part((image) => alphabet[image] < firstHeldOut, "omniglot background, held-out alphabets left out")
    : background;
  const validation = holdOut
    ? part((image) => alphabet[image] >= firstHeldOut, "omniglot held-out alphabets")
    : undefined;
  return {
    name: "omniglot",
    train: rotations ? rotateClasses(train) : train,
    ...(validation && { validation }),
    test,
    oneShot,
    augmentation: DEFAULT_AUGMENTATION.omniglot,
  };
}

/** Runs and classes are counted from 1 in the file, from 0 here; a class of another run is another class. */
function oneShotRuns(set: HostImageSet): HostImageSet {
  const run = set.columns.run.map((value) => value - 1);
  const classInRun = set.columns.class.map((value) => value - 1);
  const classes = set.classes - 1;
  const labels = run.map((value, image) => value * classes + classInRun[image]);
  const runs = run.reduce((largest, value) => Math.max(largest, value), 0) + 1;
  checkLabels(set.name, labels, runs * classes, {});
  return { ...set, labels, classes: runs * classes, columns: { run, test: set.columns.test, class: classInRun } };
}
