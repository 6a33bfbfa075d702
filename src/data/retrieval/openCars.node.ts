/**
 * Cars196 (Krause et al. 2013, "3D object representations for fine-grained categorization"): 196 models of cars (Node only).
 *
 *     <data>/cars_annos.mat      the list: `annotations`, a MATLAB 5 struct array with relative_im_path, class, test
 *     <data>/car_ims/000001.jpg  …
 *
 * Retrieval's split (Oh Song et al. 2016, section 5): classes 1 to 98 for training, 99 to 196 for the test. The list's own `test`
 * divides the images of every class, for classification; it is kept as column `classificationTest` and not used.
 */
import { join } from "node:path";
import { readWhole } from "../folderFiles.node.js";
import { inflate } from "../mat/inflate.node.js";
import { readMatRecords } from "../mat/readMat.js";
import type { FileSet } from "../openFolders.node.js";
import { folderWith, openListed, type RetrievalOptions } from "./listedImages.node.js";

const LIST = "cars_annos.mat";
const LAST_TRAINING_CLASS = 98;
const CLASSES = 196;

/**
 * Column `class` is the model's number, 1 .. 196.
 *
 * @param path the folder of cars_annos.mat, or the one that holds it as cars196
 * @throws Error naming the list, and the byte where it breaks, the record at fault, or the image that is missing.
 */
export async function openCars(path: string, options: RetrievalOptions): Promise<FileSet> {
  const folder = await folderWith(LIST, path, "cars196");
  const list = join(folder, LIST);
  const records = readMatRecords(await readWhole(list), list, {
    variable: "annotations",
    fields: { relative_im_path: "text", class: "number", test: "number" },
    inflate,
  });
  if (records.length === 0) throw new Error(`${list}: the list names no image.`);
  const images = records.map(({ relative_im_path, class: label }, i) => {
    const where = `${list}, record ${i + 1}`;
    if (!Number.isInteger(label) || label < 1 || label > CLASSES) {
      throw new Error(`${where}: class is a whole number in 1 .. ${CLASSES}, found ${label}.`);
    }
    return { path: relative_im_path, label, isTest: label > LAST_TRAINING_CLASS, where };
  });
  const classificationTest = Int32Array.from(records, ({ test }) => test);
  return openListed({ name: "cars", folder, images, columns: { classificationTest } }, options);
}
