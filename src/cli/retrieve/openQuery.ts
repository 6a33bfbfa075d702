/** The image that is asked about: a file, or an image of the data set that is the gallery, by its number; and what it is compared with. */
import { existsSync, realpathSync, statSync } from "node:fs";
import { cropToBox, type Box } from "../../data/cropBox.js";
import { openImageFiles } from "../../data/openImageFiles.node.js";
import { queryAndGallery } from "../../data/queryAndGallery.js";
import { resizeToSquare } from "../../data/resize.js";
import type { OpenSource } from "../images/openImageSource.js";

export interface Query {
  readonly name: string;
  /** [C, S, S] */
  readonly pixels: Float32Array;
  /** Its number in the gallery, if it is an image of the data set. */
  readonly index?: number;
}

/**
 * `box`: the part that is asked about, in pixels of the file or of the set's image; it becomes the query as a whole image does.
 *
 * @throws Error where it is no image, or no number of the set, and where the box is not in it
 */
export async function openQuery(
  query: string,
  { source, set }: OpenSource,
  format: { readonly channels: 1 | 3; readonly side: number },
  box?: Box,
): Promise<Query> {
  if (set && /^\d+$/.test(query) && !existsSync(query)) {
    const index = Number(query);
    if (index >= set.count) {
      throw new Error(`${set.name} has images 0 .. ${set.count - 1}; the query is image ${query}.`);
    }
    const pixels = await source.read(index);
    return { name: source.names[index], pixels: box ? cutOut(pixels, format, box) : pixels, index };
  }
  if (existsSync(query) && statSync(query).isDirectory()) {
    throw new Error(
      `the query is one image, and ${query} is a folder; --gallery names the images that it is compared with.`,
    );
  }
  const file = await openImageFiles(query, { ...format, box });
  return { name: query, pixels: await file.read(0) };
}

/** The part of an image [C, S, S] within the box, as one of that size. */
function cutOut(pixels: Float32Array, { channels, side }: { channels: number; side: number }, box: Box): Float32Array {
  const { image, ...planes } = cropToBox(pixels, { channels, height: side, width: side }, box);
  return resizeToSquare(image, planes, side);
}

/** Numbers of the images that the query is compared with: all of the gallery but itself. @throws Error where none is left */
export function comparedImages(
  gallery: string,
  { source, paths, set }: OpenSource,
  query: string,
  own?: number,
): number[] {
  const sides = set && queryAndGallery(set);
  const all = sides ? [...sides.gallery] : source.names.map((_, index) => index);
  const file = paths && realpathSync(query);
  const isQuery = (index: number): boolean =>
    index === own || (paths !== undefined && existsSync(paths[index]) && realpathSync(paths[index]) === file);
  const others = all.filter((index) => !isQuery(index));
  if (others.length > 0) return others;
  throw new Error(`${gallery}: the query is the only image of the gallery, so there is nothing to compare it with.`);
}
