/**
 * Resizing by interpolation between pixel centers: bilinear or bicubic, with half-pixel centers.
 *
 * Output pixel i lies at position c = (i + ½) · input / output − ½ of the input. Without antialiasing the kernel is one (bilinear) or two
 * (bicubic) pixels wide to each side whatever the sizes, and beyond the border the edge pixel is repeated, as in OpenCV and in PyTorch's
 * `interpolate`; for bilinear that is the same as not letting c fall below 0. Shrinking so skips pixels. With antialiasing the kernel is
 * stretched by input / output where that exceeds one, and what lies beyond the border has no weight, as in Pillow and torchvision.
 *
 * Keys' cubic kernel (1981, "Cubic convolution interpolation for digital image processing") has a free slope a. Those libraries differ in it:
 * −0.75 without antialiasing, −0.5 with it; so do we. A cubic overshoots: the result may leave the range of its input.
 */
import type { Planes } from "./affine.js";
import { crop } from "./cropBox.js";
import { axisWeights, separableResizer, type AxisWeights, type PlaneResizer, type Taps } from "./planeResizer.js";

export type Interpolation = "bilinear" | "bicubic";

export interface ResizeOptions {
  /** Default "bilinear". */
  readonly interpolation?: Interpolation;
  /** Average over all pixels that a smaller one covers; default false. It changes bicubic enlarging a little, too: see above. */
  readonly antialias?: boolean;
}

export interface Size {
  readonly height: number;
  readonly width: number;
}

/** Of an input pixel at distance x from the output's center; zero at `reach` and beyond. */
interface Kernel {
  readonly reach: number;
  readonly weight: (x: number) => number;
}

const BILINEAR: Kernel = { reach: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) };

/** Keys' kernel with slope a at distance 1: 1 at 0, 0 at 1 and 2, and smooth there. */
function cubic(a: number): Kernel {
  const weight = (x: number): number => {
    const d = Math.abs(x);
    if (d >= 2) return 0;
    return d < 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  };
  return { reach: 2, weight };
}

/** As OpenCV and PyTorch interpolate. */
const PLAIN: Readonly<Record<Interpolation, Kernel>> = { bilinear: BILINEAR, bicubic: cubic(-0.75) };
/** As Pillow and torchvision average. */
const AVERAGING: Readonly<Record<Interpolation, Kernel>> = { bilinear: BILINEAR, bicubic: cubic(-0.5) };

/** Where the center of output position i lies among the input positions. */
function centerOf(i: number, input: number, output: number): number {
  return ((2 * i + 1) * input) / (2 * output) - 0.5; // exact where it is whole
}

/** The kernel about c at its own width; weights beyond the border go to the edge pixel. */
function interpolated({ reach, weight }: Kernel, c: number, input: number): Taps {
  const inside = (position: number): number => Math.min(input - 1, Math.max(0, position));
  const begin = Math.floor(c) - reach + 1;
  const first = inside(begin);
  const weights = new Array<number>(inside(begin + 2 * reach - 1) - first + 1).fill(0);
  for (let k = 0; k < 2 * reach; k++) weights[inside(begin + k) - first] += weight(c - (begin + k));
  return { first, weights };
}

/** The kernel about c, stretched where the image shrinks, over the pixels that are there. */
function averaged({ reach, weight }: Kernel, c: number, input: number, output: number): Taps {
  const stretch = Math.max(1, input / output);
  const first = Math.max(0, Math.ceil(c - reach * stretch));
  const last = Math.min(input - 1, Math.floor(c + reach * stretch));
  const weights = Array.from({ length: last - first + 1 }, (_, k) => weight((first + k - c) / stretch));
  const sum = weights.reduce((total, value) => total + value, 0);
  return { first, weights: weights.map((value) => value / sum) };
}

function axis(
  input: number,
  output: number,
  { interpolation = "bilinear", antialias = false }: ResizeOptions,
): AxisWeights {
  return axisWeights(input, output, (i) => {
    const c = centerOf(i, input, output);
    return antialias
      ? averaged(AVERAGING[interpolation], c, input, output)
      : interpolated(PLAIN[interpolation], c, input);
  });
}

/** A resizer for planes of size `from` into size `to`; the weights are computed once. @throws Error for a side that is no whole number above 0 */
export function interpolatingResizer(from: Size, to: Size, options: ResizeOptions = {}): PlaneResizer {
  for (const side of [from.height, from.width, to.height, to.width]) {
    if (!Number.isInteger(side) || side < 1) {
      throw new Error(
        `resize: sides are whole numbers of pixels, at least 1; given ${from.height}x${from.width} to ${to.height}x${to.width}.`,
      );
    }
  }
  return separableResizer(axis(from.height, to.height, options), axis(from.width, to.width, options));
}

/**
 * The image [C, H, W] at another size: [C, H', W'], on the scale of its input (0 .. 255 for bytes), never rounded to whole numbers.
 *
 * @throws Error if the image has not C·H·W values, or as `interpolatingResizer`
 */
export function resize(
  image: Float32Array | Uint8Array,
  planes: Planes,
  to: Size,
  options: ResizeOptions = {},
): Float32Array {
  const { channels, height, width } = planes;
  if (image.length !== channels * height * width) {
    throw new Error(
      `resize: an image of ${channels}x${height}x${width} has ${channels * height * width} values, given ${image.length}.`,
    );
  }
  const resizePlane = interpolatingResizer(planes, to, options);
  const resized = new Float32Array(channels * to.height * to.width);
  for (let channel = 0; channel < channels; channel++) {
    resizePlane(image, channel * height * width, resized, channel * to.height * to.width);
  }
  return resized;
}

/** The image [C, H, W] as [C, S, S]: the short side gets S pixels, bilinearly, and the middle is cut out. @throws Error as `resize`, and unless S is whole */
export function resizeToSquare(image: Float32Array, planes: Planes, side: number): Float32Array {
  if (!(Number.isInteger(side) && side >= 1)) {
    throw new Error(`resize: the side of a square is a whole number of pixels, at least 1; given ${side}.`);
  }
  const { channels } = planes;
  const short = Math.min(planes.height, planes.width);
  const height = Math.round((planes.height * side) / short);
  const width = Math.round((planes.width * side) / short);
  const [top, left] = [(height - side) >> 1, (width - side) >> 1];
  const resized = resize(image, planes, { height, width });
  return crop(resized, { channels, height, width }, { left, top, width: side, height: side });
}

/**
 * A size times `scale`: each side rounded to the nearest whole number, halves to the even one (9 · 0.5 → 4), as a descriptor at several scales
 * takes them (CFCD, test time).
 *
 * @throws Error if nothing is left of a side
 */
export function scaledSize({ height, width }: Size, scale: number): Size {
  const scaled = { height: roundHalfToEven(height * scale), width: roundHalfToEven(width * scale) };
  if (!(scaled.height >= 1 && scaled.width >= 1)) {
    throw new Error(
      `resize: at scale ${scale} an image of ${height}x${width} is ${scaled.height}x${scaled.width} pixels; take a larger scale.`,
    );
  }
  return scaled;
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : below + 1;
}
