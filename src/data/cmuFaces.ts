/**
 * CMU Face Images (Mitchell 1997, "Machine Learning", chapter 4): 20 people, each in 4 poses, 4 expressions, with and without sunglasses.
 *
 * What spoils recognition is known of each picture: straight with open eyes is good, profile, looking up and sunglasses are bad. Too few
 * people to train on. All sat once, before the same wall, so that clothes tell who it is: unless asked otherwise, only the head is kept.
 */
import { resizeImages } from "./areaResize.js";
import { checkIndex, imageSize, type HostImageSet } from "./ImageSet.js";
import { ipkImageSet } from "./ipkImageSet.js";
import type { IpkImages } from "./readIpk.js";

export const CMU_FACES_FILE = "cmu-faces-64x60.ipk.gz";

/** What the numbers in the columns mean. */
export const CMU_FACES = {
  pose: ["straight", "left", "right", "up"],
  expression: ["neutral", "happy", "sad", "angry"],
  eyes: ["open", "sunglasses"],
} as const;

export interface CmuFacesOptions {
  /** Height and width in pixels, default 32. */
  readonly side?: number;
  /** The head (default), or as much of head and shoulders as a square holds. */
  readonly part?: "head" | "whole";
}

const HEIGHT = 60;
const WIDTH = 64;
/** Squares, so that proportions are kept. The heads were found by eye: over all four poses they lie about the middle of this one. */
const SQUARES = { head: { top: 8, left: 14, side: 36 }, whole: { top: 0, left: 2, side: 60 } } as const;

/**
 * The opened file as a grey set; the label is the person, columns `person`, `pose`, `expression`, `eyes` (see `CMU_FACES`).
 *
 * @throws Error if size, columns or their numbers are not those of this set.
 */
export function cmuFaces(file: IpkImages, { side = 32, part = "head" }: CmuFacesOptions = {}): HostImageSet {
  const faces = ipkImageSet(file, ["class", ...Object.keys(CMU_FACES)], "CMU faces");
  if (file.height !== HEIGHT || file.width !== WIDTH || file.channels !== 1) {
    const size = `${file.height}x${file.width}x${file.channels}`;
    throw new Error(
      `${file.name}: CMU faces are ${HEIGHT}x${WIDTH}x1, the header says ${size}. Is it another data set's file?`,
    );
  }
  for (const [column, names] of Object.entries(CMU_FACES)) {
    const values = faces.columns[column];
    const wrong = values.findIndex((value) => value < 0 || value >= names.length);
    if (wrong >= 0) {
      throw new Error(
        `${file.name}: ${column} lies in 0 .. ${names.length - 1}, but image ${wrong} has ${values[wrong]}.`,
      );
    }
  }
  const { class: person, ...columns } = faces.columns;
  return resizeImages(cutOut({ ...faces, columns: { person, ...columns } }, SQUARES[part]), side);
}

/** The same square of every image: a view. */
function cutOut(set: HostImageSet, square: { top: number; left: number; side: number }): HostImageSet {
  const { top, left, side } = square;
  const whole = new Float32Array(imageSize(set));
  const read = (index: number, out: Float32Array, offset = 0): undefined => {
    checkIndex(set.name, index, set.count);
    set.read(index, whole);
    for (let row = 0; row < side; row++) {
      const from = (top + row) * set.width + left;
      out.set(whole.subarray(from, from + side), offset + row * side);
    }
  };
  return { ...set, height: side, width: side, read };
}
