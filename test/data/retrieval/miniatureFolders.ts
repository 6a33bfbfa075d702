/** Miniature retrieval sets in the folders that their archives unpack to: an image is of one grey or colour that tells its number. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ImageSet } from "../../../src/data/ImageSet.js";
import { pngOf } from "../picture.js";

export type Files = Record<string, Uint8Array | string>;

export async function writeFiles(folder: string, files: Readonly<Files>): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

/** 2x2 pixels of the colour (number, 100, 200). */
export function numbered(number: number): Uint8Array {
  return pngOf({ height: 2, width: 2, pixels: Array.from({ length: 4 }, () => [number, 100, 200]).flat() });
}

/** The number of each image of a set, as its pixels tell it. */
export async function numbersOf(set: ImageSet): Promise<number[]> {
  const image = new Float32Array(3 * set.height * set.width);
  const numbers: number[] = [];
  for (let i = 0; i < set.count; i++) {
    await set.read(i, image);
    const plane = set.height * set.width;
    const [red, green, blue] = [0, 1, 2].map((channel) => Math.round(255 * image[channel * plane]));
    if (green !== 100 || blue !== 200) throw new Error(`image ${i} has the colour ${red}, ${green}, ${blue}`);
    numbers.push(red);
  }
  return numbers;
}

/** Classes `first` to `last`, so many images each: their numbers count up from 1. */
export function cubFiles(birds: readonly number[], perClass = 4): Files {
  const files: Files = { "classes.txt": "1 001.bird\n", "images/readme.txt": "" };
  let number = 0;
  for (const bird of birds) {
    const folder = `images/${String(bird).padStart(3, "0")}.Bird_${bird}`;
    for (let i = 0; i < perClass; i++) files[`${folder}/${i}.jpg`] = numbered(++number);
  }
  return files;
}

/** [class, superclass][] of one list; images are numbered from `first` on. */
export function productList(
  products: readonly (readonly [number, number])[],
  first: number,
): { list: string; files: Files } {
  const files: Files = {};
  let list = "image_id class_id super_class_id path\n";
  for (const [i, [label, kind]] of products.entries()) {
    const path = `kind_${kind}_final/${label}_${i}.JPG`;
    files[path] = numbered(first + i);
    list += `${first + i} ${label} ${kind} ${path}\n`;
  }
  return { list, files };
}

/** [item, status][]: images are numbered from 1 on. */
export function shopFiles(pictures: readonly (readonly [number, string])[], images = "Img/"): Files {
  const files: Files = {};
  let list = `${pictures.length}\nimage_name item_id evaluation_status\n`;
  for (const [i, [item, status]] of pictures.entries()) {
    const id = `id_${String(item).padStart(8, "0")}`;
    const path = `img/WOMEN/Dresses/${id}/0${i}_1_front.jpg`;
    files[images + path] = numbered(1 + i);
    list += `${path.padEnd(60)} ${id} ${status}\n`;
  }
  return { ...files, "Eval/list_eval_partition.txt": list };
}
