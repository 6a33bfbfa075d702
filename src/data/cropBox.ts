/** Cutting a rectangle out of an image: for queries of retrieval benchmarks, which show one object of a photograph, and for random crops. */
import type { Planes } from "./affine.js";

/** Whole pixels: columns left .. left + width − 1 of rows top .. top + height − 1. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Corners (x1, y1, x2, y2) of a box, in pixels from the top left corner of the image; the second corner is not part of it. */
export type Box = readonly [x1: number, y1: number, x2: number, y2: number];

/**
 * The rectangle of a box whose corners are truncated to whole numbers, as the benchmarks do: (136.9, 2, 648.5, 9) is columns 136 .. 647.
 *
 * @throws Error if it is empty, or reaches beyond the image
 */
export function boxRectangle([x1, y1, x2, y2]: Box, { height, width }: Pick<Planes, "height" | "width">): Rectangle {
  const [left, top, right, bottom] = [x1, y1, x2, y2].map((corner) => Math.trunc(corner) + 0); // + 0: −0.5 is 0, not −0
  const given = `(${[x1, y1, x2, y2].join(", ")})`;
  if (!(left < right && top < bottom)) {
    throw new Error(`crop: a box (x1, y1, x2, y2) has x1 < x2 and y1 < y2 in whole pixels, given ${given}.`);
  }
  if (left < 0 || top < 0 || right > width || bottom > height) {
    throw new Error(`crop: a box lies inside its image of ${width} columns and ${height} rows, given ${given}.`);
  }
  return { left, top, width: right - left, height: bottom - top };
}

/**
 * The rectangle of the image [C, H, W]: [C, height, width], of the same kind of numbers.
 *
 * @throws Error if the image has not C·H·W values, or the rectangle is empty or reaches beyond it
 */
export function crop<Pixels extends Float32Array | Uint8Array>(
  image: Pixels,
  { channels, height, width }: Planes,
  rectangle: Rectangle,
): Pixels {
  checkInside(image.length, { channels, height, width }, rectangle);
  const plane = rectangle.height * rectangle.width;
  const cut = new (image.constructor as new (length: number) => Pixels)(channels * plane);
  for (let channel = 0; channel < channels; channel++) {
    for (let row = 0; row < rectangle.height; row++) {
      const from = (channel * height + rectangle.top + row) * width + rectangle.left;
      cut.set(image.subarray(from, from + rectangle.width), channel * plane + row * rectangle.width);
    }
  }
  return cut;
}

function checkInside(values: number, { channels, height, width }: Planes, of: Rectangle): void {
  if (values !== channels * height * width) {
    throw new Error(
      `crop: an image of ${channels}x${height}x${width} has ${channels * height * width} values, given ${values}.`,
    );
  }
  const { left, top } = of;
  const isWhole = [left, top, of.width, of.height].every(Number.isInteger) && of.width >= 1 && of.height >= 1;
  if (isWhole && left >= 0 && top >= 0 && left + of.width <= width && top + of.height <= height) return;
  throw new Error(
    `crop: a rectangle of whole pixels lies inside its image of ${width} columns and ${height} rows; given ${of.width} columns and ` +
      `${of.height} rows from column ${left} and row ${top}.`,
  );
}

/** The part of the image [C, H, W] within a box, and its size. @throws Error as `boxRectangle` and `crop` */
export function cropToBox<Pixels extends Float32Array | Uint8Array>(
  image: Pixels,
  planes: Planes,
  box: Box,
): Planes & { readonly image: Pixels } {
  const rectangle = boxRectangle(box, planes);
  const { height, width } = rectangle;
  return { channels: planes.channels, height, width, image: crop(image, planes, rectangle) };
}
