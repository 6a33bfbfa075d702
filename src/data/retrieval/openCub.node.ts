/**
 * CUB-200-2011 (Wah et al. 2011, "The Caltech-UCSD Birds-200-2011 Dataset"): 200 birds, a folder each (Node only).
 *
 *     <data>/images/001.Black_footed_Albatross/….jpg
 *
 * Retrieval's split (Oh Song et al. 2016, "Deep metric learning via lifted structured feature embedding", section 5): classes 1 to 100 for
 * training, 101 to 200 for the test. The number at the head of a folder's name decides, so that an incomplete copy is split alike.
 */
import { join } from "node:path";
import { listFolder } from "../folderFiles.node.js";
import { imageFolder, type FileSet } from "../openFolders.node.js";
import { folderWith, splitListed, type RetrievalOptions } from "./listedImages.node.js";

const LAST_TRAINING_CLASS = 100;
const CLASSES = 200;

/**
 * Column `class` is the bird's number, 1 .. 200.
 *
 * @param path the folder CUB_200_2011, or the one that holds it
 * @throws Error naming the folder that is missing, empty or no class.
 */
export async function openCub(path: string, options: RetrievalOptions): Promise<FileSet> {
  const folder = join(await folderWith("images", path, "CUB_200_2011"), "images");
  const numbers = (await listFolder(folder)).folders.map((name) => birdNumber(folder, name));
  const images = await imageFolder(folder, options.side);
  const numbered = images.labels.map((label) => numbers[label]);
  for (const test of [false, true]) {
    if (!numbers.some((number) => isTest(number) === test)) {
      throw new Error(`${folder}: none of the ${numbers.length} folders is of the ${test ? "test" : "training"} part.`);
    }
  }
  const all = { ...images, name: "cub", labels: numbered, classes: CLASSES + 1 };
  return splitListed(all, (image) => isTest(numbered[image]), options);
}

function isTest(number: number): boolean {
  return number > LAST_TRAINING_CLASS;
}

function birdNumber(folder: string, name: string): number {
  const number = Number(/^(\d{3})\./.exec(name)?.[1]);
  if (number >= 1 && number <= CLASSES) return number;
  throw new Error(
    `${join(folder, name)}: a class's folder begins with its number, 001. to ${CLASSES}., this one does not.`,
  );
}
