/**
 * A random part of an image at the size of the whole: scale and proportions of what is shown become random (Szegedy et al. 2015, "Going
 * deeper with convolutions", section 6; as CFCD trains).
 *
 * Drawn are an area, as a share of the image's, and width / height of the part; with probability ½ the two sides change places. A part that
 * does not fit into the image is drawn anew, ten times at most. What remains then is the image resized by its short side and its middle cut
 * out; since an image keeps its size here, that is the image itself.
 */
import type { Planes, Uniform } from "./affine.js";
import { crop, type Rectangle } from "./cropBox.js";
import { interpolatingResizer } from "./resize.js";

export interface CropRanges {
  /** Smallest and largest share of the area, default 0.08 and 1. */
  readonly area?: readonly [least: number, most: number];
  /** Smallest and largest width / height before the sides change places, default 3/4 and 4/3. */
  readonly aspect?: readonly [least: number, most: number];
}

const AREA = [0.08, 1] as const;
const ASPECT = [3 / 4, 4 / 3] as const;
const TRIES = 10;

/** @throws Error for ranges that are empty, or shares of the area outside 0 .. 1 */
export function checkCropRanges({ area = AREA, aspect = ASPECT }: CropRanges): void {
  if (!(area[0] > 0 && area[0] <= area[1] && area[1] <= 1)) {
    throw new Error(`crop: the area goes from a share above 0 to one of at most 1, given ${area.join(" .. ")}.`);
  }
  if (!(aspect[0] > 0 && aspect[0] <= aspect[1] && aspect[1] < Infinity)) {
    throw new Error(`crop: width / height goes from a number above 0 to one no smaller, given ${aspect.join(" .. ")}.`);
  }
}

/** Draws a part of an image of `height` x `width`; of one try three numbers of `random`, and two more for the place. */
export function drawCrop(ranges: CropRanges, height: number, width: number, random: Uniform): Rectangle {
  const { area = AREA, aspect = ASPECT } = ranges;
  const between = ([least, most]: readonly [number, number]): number => least + (most - least) * random.uniform();
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const pixels = between(area) * height * width;
    const proportion = between(aspect);
    const sides = [Math.sqrt(pixels / proportion), Math.sqrt(pixels * proportion)].map(Math.round);
    const [rows, columns] = random.uniform() < 0.5 ? sides.reverse() : sides;
    if (rows < 1 || columns < 1 || rows > height || columns > width) continue;
    const top = Math.floor(random.uniform() * (height - rows + 1));
    const left = Math.floor(random.uniform() * (width - columns + 1));
    return { left, top, width: columns, height: rows };
  }
  return { left: 0, top: 0, width, height };
}

/** A random part of the first image [C, H, W] of `input`, resized to [C, H, W] by bilinear interpolation without antialiasing. */
export function randomResizedCrop(
  input: Float32Array,
  planes: Planes,
  ranges: CropRanges,
  random: Uniform,
): Float32Array {
  const part = drawCrop(ranges, planes.height, planes.width, random);
  const cut = crop(input, planes, part);
  const resizePlane = interpolatingResizer(part, planes);
  const output = new Float32Array(planes.channels * planes.height * planes.width);
  for (let channel = 0; channel < planes.channels; channel++) {
    resizePlane(cut, channel * part.height * part.width, output, channel * planes.height * planes.width);
  }
  return output;
}
