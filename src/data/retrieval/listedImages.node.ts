/**
 * Images that a list names, in folders as users have them (Node only), and the parts that the list divides them into.
 *
 * Whether every image of the list is there is found out when the set is opened, not after hours of training: each folder is listed once.
 * Images are decoded when they are read; grey, CMYK and transparent ones become red, green, blue (see decodeImage.node.ts).
 */
import { join, posix } from "node:path";
import { encodedImageSet } from "../encodedImageSet.node.js";
import { listFolder, readWhole } from "../folderFiles.node.js";
import type { ImageSet } from "../ImageSet.js";
import { splitValidation, type FileSet, type FileSetOptions } from "../openFolders.node.js";
import { indicesWhere, selectImages } from "../selectImages.js";
import { checkTestPart } from "../splitClasses.js";

export interface ListedImage {
  /** Below the folder, "/" between its parts. */
  readonly path: string;
  /** The class's number in the list; gaps are closed when the parts are made. */
  readonly label: number;
  readonly isTest: boolean;
  /** The list and the place in it. */
  readonly where: string;
}

export interface ListedImages {
  readonly name: string;
  /** What the paths are relative to. */
  readonly folder: string;
  readonly images: readonly ListedImage[];
  /** Further whole numbers of each image. */
  readonly columns?: Readonly<Record<string, Int32Array>>;
}

export type RetrievalOptions = Pick<FileSetOptions, "side" | "holdOut" | "testShare">;

/**
 * The images by their parts; in each, column `class` is the number in the list, labels are 0, 1, 2, … in its order.
 *
 * @throws Error naming list and line for an image that is missing or lies outside the folder, or a class in both parts.
 */
export async function openListed(listed: ListedImages, options: RetrievalOptions): Promise<FileSet> {
  const { name, folder, images, columns = {} } = listed;
  await checkPresent(folder, images);
  checkParts(images);
  const labels = Int32Array.from(images, ({ label }) => label);
  const set = encodedImageSet({
    name,
    side: options.side,
    labels,
    classes: labels.reduce((largest, label) => Math.max(largest, label), -1) + 1,
    fetch: (index) => readWhole(join(folder, images[index].path)),
    where: (index) => join(folder, images[index].path),
    nameOf: (index) => images[index].path,
  });
  return splitListed({ ...set, columns }, (image) => images[image].isTest, options);
}

/** Train and test, and, of the training classes, validation. */
export function splitListed(
  all: ImageSet,
  isTest: (image: number) => boolean,
  options: Pick<RetrievalOptions, "holdOut" | "testShare">,
): FileSet {
  const part = (keep: (image: number) => boolean, name: string): ImageSet =>
    selectImages(all, indicesWhere(all, keep), `${all.name} ${name}`);
  const test = part(isTest, "test");
  checkTestPart(test);
  return {
    ...splitValidation(
      part((image) => !isTest(image), "train"),
      options,
    ),
    test,
  };
}

/** The folder itself, or the one inside of it that the archive unpacks to: whichever holds `marker`. */
export async function folderWith(marker: string, path: string, unpacked: string): Promise<string> {
  for (const folder of [path, join(path, unpacked)]) {
    const { folders, files } = await listFolder(folder).catch((cause: Error) => {
      if (folder === path) throw cause;
      return { folders: [] as string[], files: [] as string[] };
    });
    if (folders.includes(marker) || files.includes(marker)) return folder;
  }
  throw new Error(`${path}: this set has ${marker} in its folder, or in ${unpacked} in it; neither is there.`);
}

async function checkPresent(folder: string, images: readonly ListedImage[]): Promise<void> {
  const listings = new Map<string, ReadonlySet<string>>();
  for (const { path, where } of images) {
    const parts = path.split("/");
    if (posix.isAbsolute(path) || parts.includes("..") || path.includes("\\")) {
      throw new Error(`${where}: an image lies below the folder of the set, not at ${JSON.stringify(path)}.`);
    }
    const inside = posix.dirname(path);
    let files = listings.get(inside);
    if (files === undefined) {
      const listing = await listFolder(join(folder, inside), "files").catch((cause: Error) => {
        throw new Error(`${where}: the image ${path} is missing: ${cause.message}`, { cause });
      });
      files = new Set(listing.files);
      listings.set(inside, files);
    }
    if (!files.has(posix.basename(path))) {
      throw new Error(`${where}: the image ${path} is missing: ${join(folder, inside)} has no such file.`);
    }
  }
}

/** The test is on classes that training never sees. */
function checkParts(images: readonly ListedImage[]): void {
  const seen = new Map<number, boolean>();
  for (const { label, isTest, where } of images) {
    const other = seen.get(label);
    if (other !== undefined && other !== isTest) {
      const [here, there] = isTest ? ["test", "training"] : ["training", "test"];
      throw new Error(
        `${where}: class ${label} is in the ${here} part, but a line before has it in the ${there} part.`,
      );
    }
    seen.set(label, isTest);
  }
  for (const part of [false, true]) {
    if (images.some(({ isTest }) => isTest === part)) continue;
    const [{ where }] = images;
    throw new Error(`${where} and those after it: the list has no image of the ${part ? "test" : "training"} part.`);
  }
}
