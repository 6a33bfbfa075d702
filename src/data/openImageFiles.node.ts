/**
 * The images of any folder, for scoring (Node only): no classes and no pairs, sub-folders and all.
 *
 * Opening lists the files and reads none; each is decoded when it is asked for, upright and as red, green, blue (see decodeImage.node.ts).
 * A network of one channel is given the luminance of ITU-R BT.601, section 2.5.1: 0.299 R + 0.587 G + 0.114 B. A folder that links lead
 * to more than once is listed once, under the first of its names; so links in a circle have an end.
 */
import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Box } from "./cropBox.js";
import { decodeImage } from "./decodeImage.node.js";
import { IMAGE_EXTENSIONS, isImage, listFolder, readWhole, refuse } from "./folderFiles.node.js";
import { bytesToFloats, checkIndex } from "./ImageSet.js";

export interface ImageFilesOptions {
  /** S, height and width after decoding: the short side is scaled to it, the middle square is kept. 1 .. 1024. */
  readonly side: number;
  /** 3: red, green, blue. 1: their luminance. */
  readonly channels: 1 | 3;
  /** The part of every image that is read, in pixels of the file; default: all of it. */
  readonly box?: Box;
}

export interface ImageFiles {
  /** Paths below the folder, "/" between their parts, in the order of their characters' codes. Of a single file: its name. */
  readonly names: readonly string[];
  /** The same as they can be opened. */
  readonly paths: readonly string[];
  /**
   * Image `index` as [channels, S, S], values in [0, 1].
   *
   * @throws Error (rejects) naming the file if it cannot be read or is no image.
   */
  readonly read: (index: number) => Promise<Float32Array>;
}

/**
 * @param path a folder, or a single image file
 * @throws Error if it does not exist, may not be read, or has no image in it.
 */
export async function openImageFiles(path: string, { side, channels, box }: ImageFilesOptions): Promise<ImageFiles> {
  if (!Number.isInteger(side) || side < 1 || side > 1024) {
    throw new Error(`${path}: the side of an image is a whole number in 1 .. 1024, given ${side}.`);
  }
  if (![1, 3].includes(channels)) {
    throw new Error(`${path}: images are read in 1 channel (luminance) or 3 (red, green, blue), given ${channels}.`);
  }
  const isFolder = (await stat(path).catch(refuse(path))).isDirectory();
  const folder = isFolder ? path : dirname(path);
  const names = isFolder ? await imagesBelow(path) : [basename(path)];
  if (!names.every(isImage)) {
    throw new Error(`${path}: the name of an image ends in ${IMAGE_EXTENSIONS.join(", ")}, this one does not.`);
  }
  const paths = names.map((name) => join(folder, name));
  const read = async (index: number): Promise<Float32Array> => {
    checkIndex(path, index, names.length);
    const file = paths[index];
    const bytes = await decodeImage(await readWhole(file), side, file, box); // [3, S, S]
    if (channels === 1) return luminance(bytes);
    const image = new Float32Array(bytes.length);
    bytesToFloats(bytes, image, 0);
    return image;
  };
  return { names, paths, read };
}

async function imagesBelow(path: string): Promise<string[]> {
  const names: string[] = [];
  const others: string[] = [];
  const visited = new Set<string>(); // the folders' real paths
  const walk = async (folder: string, prefix: string): Promise<void> => {
    const place = await realpath(folder).catch(refuse(folder));
    if (visited.has(place)) return;
    visited.add(place);
    const { folders, files } = await listFolder(folder, "files");
    for (const file of files) (isImage(file) ? names : others).push(prefix + file);
    for (const name of folders) await walk(join(folder, name), `${prefix}${name}/`);
  };
  await walk(path, "");
  if (names.length === 0) {
    const found = others.length === 0 ? "no file at all" : `${others.length} of other kinds (${others[0]}, …)`;
    throw new Error(
      `${path}: no image (${IMAGE_EXTENSIONS.join(", ")}) lies in this folder or below it; it holds ${found}.`,
    );
  }
  return names.sort();
}

/** [3, S, S] bytes → [1, S, S] in [0, 1]. */
function luminance(bytes: Uint8Array): Float32Array {
  const plane = bytes.length / 3;
  return Float32Array.from({ length: plane }, (_, i) => {
    const [red, green, blue] = [bytes[i], bytes[plane + i], bytes[2 * plane + i]];
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
  });
}
