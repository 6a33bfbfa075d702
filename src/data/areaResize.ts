/**
 * Resizing by area averaging: an output pixel is the mean of the input over the rectangle it covers.
 *
 * out = R · in · Cᵀ with two sparse matrices whose rows sum to one, so that the mean of the image is kept exactly (up to
 * rounding) whatever the two sizes. Enlarging by it repeats pixels, with mixed ones at the seams. Left out: smoother kernels.
 */
import { byteImageSet, imageSize, type HostImageSet } from "./ImageSet.js";

/** Resizes one plane of H x W values into one of H' x W'. */
export type PlaneResizer = (
  input: Float32Array,
  inputOffset: number,
  output: Float32Array,
  outputOffset: number,
) => void;

interface Averages {
  /** First input position that output position i covers. */
  readonly first: Int32Array;
  /** Number of input positions that it touches. */
  readonly length: Int32Array;
  /** Their shares, `stride` apart; each row sums to one. */
  readonly weights: Float32Array;
  readonly stride: number;
}

/** Along one axis: output position i covers input positions [i · input / output, (i + 1) · input / output). */
function averages(input: number, output: number): Averages {
  const span = input / output;
  const stride = Math.ceil(span) + 1;
  const first = new Int32Array(output);
  const length = new Int32Array(output);
  const weights = new Float32Array(output * stride);
  for (let i = 0; i < output; i++) {
    // (i · input) / output is exact at whole results, so that no sliver of a neighbour is touched.
    const begin = (i * input) / output;
    const end = ((i + 1) * input) / output;
    first[i] = Math.floor(begin);
    length[i] = Math.ceil(end) - first[i];
    for (let k = 0; k < length[i]; k++) {
      const overlap = Math.min(end, first[i] + k + 1) - Math.max(begin, first[i] + k);
      weights[i * stride + k] = overlap / span;
    }
  }
  return { first, length, weights, stride };
}

/** A resizer for planes of `height` x `width` into `outputHeight` x `outputWidth`; the shares are computed once. */
export function areaResizer(height: number, width: number, outputHeight: number, outputWidth: number): PlaneResizer {
  const rows = averages(height, outputHeight);
  const columns = averages(width, outputWidth);
  const narrow = new Float32Array(height * outputWidth); // after the columns, before the rows
  return (input, inputOffset, output, outputOffset) => {
    for (let row = 0; row < height; row++) {
      for (let i = 0; i < outputWidth; i++) {
        const from = inputOffset + row * width + columns.first[i];
        let sum = 0;
        for (let k = 0; k < columns.length[i]; k++) sum += columns.weights[i * columns.stride + k] * input[from + k];
        narrow[row * outputWidth + i] = sum;
      }
    }
    output.fill(0, outputOffset, outputOffset + outputHeight * outputWidth);
    for (let i = 0; i < outputHeight; i++) {
      const to = outputOffset + i * outputWidth;
      for (let k = 0; k < rows.length[i]; k++) {
        const weight = rows.weights[i * rows.stride + k];
        const from = (rows.first[i] + k) * outputWidth;
        for (let column = 0; column < outputWidth; column++) output[to + column] += weight * narrow[from + column];
      }
    }
  };
}

/** The set at `side` x `side` pixels, stored as bytes once, so that training never resizes again. */
export function resizeImages(set: HostImageSet, side: number): HostImageSet {
  if (!Number.isInteger(side) || side < 1 || side > 1024) {
    throw new Error(`${set.name}: the side of an image is a whole number in 1 .. 1024, given ${side}.`);
  }
  const { name, count, height, width, channels, classes, labels, columns, measures } = set;
  const same = height === side && width === side;
  const resize = areaResizer(height, width, side, side);
  const original = new Float32Array(imageSize(set));
  const resized = same ? original : new Float32Array(channels * side * side);
  const pixels = new Uint8Array(count * channels * side * side);
  for (let image = 0; image < count; image++) {
    set.read(image, original);
    if (!same) {
      for (let channel = 0; channel < channels; channel++) {
        resize(original, channel * height * width, resized, channel * side * side);
      }
    }
    const to = image * resized.length;
    for (let i = 0; i < resized.length; i++) pixels[to + i] = Math.round(resized[i] * 255);
  }
  return byteImageSet({ name, height: side, width: side, channels, pixels, labels, classes, columns, measures });
}
