/**
 * A data set of plain files: one sub-folder a class, in it that class's images (Node only).
 *
 *     <data>/<class>/<image>.jpg                                    a share of the classes is kept for the test
 *     <data>/train/<class>/…   and, if there is one, <data>/test/<class>/…   classes that training never sees
 *
 * Classes are numbered in the order of their names, as the codes of the characters have it; files that are no images are passed over.
 */
import { basename, join } from "node:path";
import type { DataSet } from "./DataSet.js";
import { encodedImageSet } from "./encodedImageSet.node.js";
import { IMAGE_EXTENSIONS, isImage, listFolder, readWhole } from "./folderFiles.node.js";
import type { ImageSet } from "./ImageSet.js";
import { checkTestPart, splitClasses } from "./splitClasses.js";

export interface FileSetOptions {
  /** Height and width of the images after decoding, in pixels. */
  readonly side: number;
  /** Split off the validation classes; they are then missing from the training part. */
  readonly holdOut: boolean;
  /** Share of the classes for the test (and as much for validation), where the files do not name a test part. */
  readonly testShare: number;
}

/** A data set without its name and its settings. */
export type FileSet = Pick<DataSet, "train" | "validation" | "test">;

/** @throws Error for a folder that is missing, holds files only, or has too few classes or images. */
export async function openFolders(path: string, { side, holdOut, testShare }: FileSetOptions): Promise<FileSet> {
  const { folders } = await listFolder(path);
  if (!folders.includes("train")) return splitParts(await imageFolder(path, side), { holdOut, testShare });
  const training = await imageFolder(join(path, "train"), side);
  if (!folders.includes("test")) return splitParts(training, { holdOut, testShare });
  const test = await imageFolder(join(path, "test"), side);
  await checkNoSharedClass(path);
  checkTestPart(test);
  return { ...splitValidation(training, { holdOut, testShare }), test };
}

/** The classes below one folder. */
export async function imageFolder(path: string, side: number): Promise<ImageSet<Promise<void>>> {
  const { folders, files } = await listFolder(path);
  if (folders.length === 0) {
    const found = files.length > 0 ? `${files.length} files and no sub-folder (${files[0]}, …)` : "nothing";
    throw new Error(`${path}: a folder of images has one sub-folder for each class, this one holds ${found}.`);
  }
  const names: string[] = [];
  const labels: number[] = [];
  for (const [label, folder] of folders.entries()) {
    const images = (await listFolder(join(path, folder))).files.filter(isImage);
    if (images.length === 0) {
      throw new Error(
        `${join(path, folder)}: a class has images (${IMAGE_EXTENSIONS.join(", ")}), this folder has none.`,
      );
    }
    for (const image of images) {
      names.push(`${folder}/${image}`);
      labels.push(label);
    }
  }
  return encodedImageSet({
    name: basename(path),
    side,
    labels: Int32Array.from(labels),
    classes: folders.length,
    fetch: (index) => readWhole(join(path, names[index])),
    where: (index) => join(path, names[index]),
    nameOf: (index) => names[index],
  });
}

/** Test classes split off first, so that they are the same with and without validation. */
export function splitParts(
  all: ImageSet,
  { holdOut, testShare }: Pick<FileSetOptions, "holdOut" | "testShare">,
): FileSet {
  const { train, test } = splitClasses(all, { share: testShare, part: "test" });
  return { ...splitValidation(train, { holdOut, testShare }), test };
}

/** Validation classes split off the training part, as many as the test would take; none unless asked to. */
export function splitValidation(
  all: ImageSet,
  { holdOut, testShare }: Pick<FileSetOptions, "holdOut" | "testShare">,
): Pick<FileSet, "train" | "validation"> {
  if (!holdOut) return { train: all };
  const { train, test } = splitClasses(all, { share: testShare, part: "validation" });
  return { train, validation: test };
}

async function checkNoSharedClass(path: string): Promise<void> {
  const [train, test] = await Promise.all([listFolder(join(path, "train")), listFolder(join(path, "test"))]);
  const shared = test.folders.find((name) => train.folders.includes(name));
  if (shared === undefined) return;
  throw new Error(
    `${path}: the test is on classes that training never sees, but "${shared}" is in train and in test; ` +
      `rename the folder test, and a share of the classes in train is kept for the test.`,
  );
}
