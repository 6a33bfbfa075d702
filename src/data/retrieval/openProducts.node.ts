/**
 * Stanford Online Products (Oh Song et al. 2016, "Deep metric learning via lifted structured feature embedding"): 120,053 pictures of 22,634
 * things that were on sale (Node only).
 *
 *     <data>/Ebay_train.txt, Ebay_test.txt     a header line, then: image_id class_id super_class_id path
 *     <data>/bicycle_final/111085122871_0.JPG  …
 *
 * The two lists are the parts: 11,318 things for training, 11,316 others for the test.
 */
import { join } from "node:path";
import { readWhole } from "../folderFiles.node.js";
import type { FileSet } from "../openFolders.node.js";
import { folderWith, openListed, type RetrievalOptions } from "./listedImages.node.js";
import { classNumber, listLines } from "./listLines.js";

const LISTS = { train: "Ebay_train.txt", test: "Ebay_test.txt" } as const;
const COLUMNS = ["image_id", "class_id", "super_class_id", "path"];

/**
 * Column `class` is class_id, column `superClass` the kind of thing.
 *
 * @param path the folder Stanford_Online_Products, or the one that holds it
 * @throws Error naming list and line that are at fault, or the image that is missing.
 */
export async function openProducts(path: string, options: RetrievalOptions): Promise<FileSet> {
  const folder = await folderWith(LISTS.train, path, "Stanford_Online_Products");
  const train = await readList(join(folder, LISTS.train), false);
  const test = await readList(join(folder, LISTS.test), true);
  const images = [...train, ...test];
  const superClass = Int32Array.from(images, ({ kind }) => kind);
  return openListed({ name: "sop", folder, images, columns: { superClass } }, options);
}

interface Product {
  readonly path: string;
  readonly label: number;
  readonly kind: number;
  readonly isTest: boolean;
  readonly where: string;
}

async function readList(file: string, isTest: boolean): Promise<Product[]> {
  const text = new TextDecoder().decode(await readWhole(file));
  if (/^\s*\d/.test(text)) {
    throw new Error(
      `${file}, line 1: the first line names the columns (${COLUMNS.join(" ")}), this one is an image's.`,
    );
  }
  return listLines(text, file, COLUMNS, 1).map(({ where, fields: [, label, kind, path] }) => ({
    path,
    label: classNumber(label, "class_id", where),
    kind: classNumber(kind, "super_class_id", where),
    isTest,
    where,
  }));
}
