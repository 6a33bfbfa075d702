/**
 * In-Shop Clothes Retrieval (Liu et al. 2016, "DeepFashion", section 5): pieces of clothing, queried by one picture, found by others (Node only).
 *
 *     <data>/Eval/list_eval_partition.txt    a count, a header line, then: image_name item_id evaluation_status
 *     <data>/img/WOMEN/…/02_1_front.jpg      or below <data>/Img, as the archives unpack
 *
 * The status is train, query or gallery. Queries and gallery are one part `test`, because they share their classes and are embedded alike;
 * column `gallery` tells them apart, 0 for a query and 1 for what it is compared with, and `queryAndGallery` divides them.
 */
import { join } from "node:path";
import { listFolder, readWhole } from "../folderFiles.node.js";
import type { FileSet } from "../openFolders.node.js";
import { folderWith, openListed, type ListedImage, type RetrievalOptions } from "./listedImages.node.js";
import { classNumber, listLines } from "./listLines.js";

const LIST = "list_eval_partition.txt";
const COLUMNS = ["image_name", "item_id", "evaluation_status"];
const STATUSES = ["train", "query", "gallery"];

/**
 * Column `class` is the number of item_id; column `gallery` of the training part is 0.
 *
 * @param path the folder with Eval in it, or the one that holds it as Inshop_Clothes
 * @throws Error naming list and line that are at fault, or the image that is missing.
 */
export async function openInShop(path: string, options: RetrievalOptions): Promise<FileSet> {
  const folder = await folderWith("Eval", path, "Inshop_Clothes");
  const list = join(folder, "Eval", LIST);
  const lines = readLines(new TextDecoder().decode(await readWhole(list)), list);
  const images = lines.map(({ where, fields: [image, item, status] }) => {
    if (!STATUSES.includes(status)) {
      throw new Error(`${where}: the status is one of ${STATUSES.join(", ")}, found ${JSON.stringify(status)}.`);
    }
    if (!item.startsWith("id_")) {
      throw new Error(`${where}: an item is called id_ and a number, found ${JSON.stringify(item)}.`);
    }
    return {
      path: image,
      label: classNumber(item.slice(3), "item_id", where),
      isTest: status !== "train",
      status,
      where,
    };
  });
  checkQueries(images);
  const gallery = Int32Array.from(images, ({ status }) => Number(status === "gallery"));
  const isUnpacked = (await listFolder(folder)).folders.includes("Img");
  return openListed(
    { name: "inshop", folder: isUnpacked ? join(folder, "Img") : folder, images, columns: { gallery } },
    options,
  );
}

/** The first line counts the others, so that a list that was cut off is found out. */
function readLines(text: string, list: string): ReturnType<typeof listLines> {
  const first = text.split(/\r?\n/, 1)[0].trim();
  if (!/^\d{1,9}$/.test(first)) {
    throw new Error(
      `${list}, line 1: the first line is the number of images, found ${JSON.stringify(first.slice(0, 100))}.`,
    );
  }
  const lines = listLines(text, list, COLUMNS, 2);
  if (lines.length !== Number(first)) {
    throw new Error(`${list}, line 1: ${first} images are announced, but ${lines.length} lines follow the header.`);
  }
  return lines;
}

/** A query that nothing in the gallery answers has no right answer. */
function checkQueries(images: readonly (ListedImage & { readonly status: string })[]): void {
  const shown = new Set(images.filter(({ status }) => status === "gallery").map(({ label }) => label));
  const alone = images.find(({ status, label }) => status === "query" && !shown.has(label));
  if (alone) throw new Error(`${alone.where}: the gallery has no image of the item of this query, id ${alone.label}.`);
}
