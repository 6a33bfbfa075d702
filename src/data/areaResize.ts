/**
 * Resizing by area averaging: an output pixel is the mean of the input over the rectangle it covers.
 *
 * The shares of an input pixel are the same for all, so that the mean of the image is kept exactly (up to rounding) whatever the two
 * sizes. Enlarging by it repeats pixels, with mixed ones at the seams. Smoother kernels are in `resize.ts`.
 */
import { byteImageSet, imageSize, type HostImageSet } from "./ImageSet.js";
import { axisWeights, separableResizer, type AxisWeights, type PlaneResizer } from "./planeResizer.js";

/** Along one axis: output position i covers input positions [i · input / output, (i + 1) · input / output). */
function averages(input: number, output: number): AxisWeights {
  const span = input / output;
  return axisWeights(input, output, (i) => {
    // (i · input) / output is exact at whole results, so that no sliver of a neighbour is touched.
    const begin = (i * input) / output;
    const end = ((i + 1) * input) / output;
    const first = Math.floor(begin);
    const overlap = (position: number): number => Math.min(end, position + 1) - Math.max(begin, position);
    const weights = Array.from({ length: Math.ceil(end) - first }, (_, k) => overlap(first + k) / span);
    return { first, weights };
  });
}

/** A resizer for planes of `height` x `width` into `outputHeight` x `outputWidth`; the shares are computed once. */
export function areaResizer(height: number, width: number, outputHeight: number, outputWidth: number): PlaneResizer {
  return separableResizer(averages(height, outputHeight), averages(width, outputWidth));
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
