/**
 * Kernels of convolution. They sum products over images to which the padding was added before, so that no loop asks where an image ends; only the
 * derivative of a convolution with a stride does.
 *
 * `down` and `right` are how far the window of the next row or column of pixels lies, `tapDown` and `tapRight` how far the next tap of
 * a window does, `plane` how far the next channel. Channels are the innermost loop, where every address moves by one step. A cell of four loads
 * once what its four sums have in common.
 *
 * Addresses that loops move are local variables of type Integer. GPU.js gives a variable that type if it starts with a whole number and is counted
 * by `++` somewhere; where nothing counts by ones, the variable starts with −1 and is counted to 0.
 */
import { WITH_INTEGER, WITH_QUOTIENT, integer, quotient, remainder } from "./integers.js";
import { helper, kernel, type Thread } from "./kernel.js";

/** Where the pixels that a weight meets begin in an image. Weights of an output channel are counted over channels of the group and taps. */
function placeOf(
  weight: number,
  area: number,
  kernelWidth: number,
  plane: number,
  tapDown: number,
  tapRight: number,
): number {
  return (
    quotient(weight, area) * plane +
    quotient(remainder(weight, area), kernelWidth) * tapDown +
    remainder(weight, kernelWidth) * tapRight
  );
}

const WITH_PLACE = [
  ...WITH_QUOTIENT,
  helper(placeOf, ["Integer", "Integer", "Integer", "Integer", "Integer", "Integer"], "Integer"),
];

/** Planes with zeros around them, or cut off where `above` or `left` is negative. */
export const padKernel = kernel(
  "conv2d, padding",
  { arrays: 1, integers: 4, helpers: WITH_INTEGER },
  function (this: Thread, x: number[], height: number, width: number, above: number, left: number) {
    const row = this.thread.y - above;
    const column = this.thread.x - left;
    if (row < 0 || row >= height || column < 0 || column >= width) return 0;
    return x[this.thread.z * height * width + integer(row * width + column)];
  },
);

/** One pixel of one output channel. */
export const convolutionKernel = kernel(
  "conv2d",
  { arrays: 2, integers: 12, helpers: WITH_QUOTIENT },
  function (
    this: Thread,
    x: number[],
    w: number[],
    channels: number,
    groupChannels: number,
    groupOutputs: number,
    kernelHeight: number,
    kernelWidth: number,
    outWidth: number,
    plane: number,
    down: number,
    right: number,
    tapDown: number,
    tapRight: number,
    area: number,
  ) {
    let corner = -1; // of the window, in the first channel of the group
    corner++;
    corner =
      (this.thread.z * channels + quotient(this.thread.y, groupOutputs) * groupChannels) * plane +
      quotient(this.thread.x, outWidth) * down +
      remainder(this.thread.x, outWidth) * right;
    let from = -1;
    from++;
    let weight = -1;
    weight++;
    let sum = 0;
    for (let r = 0; r < kernelHeight; r++) {
      for (let s = 0; s < kernelWidth; s++) {
        from = corner + r * tapDown + s * tapRight;
        weight = this.thread.y * groupChannels * area + r * kernelWidth + s;
        for (let c = 0; c < groupChannels; c++) {
          sum += w[weight] * x[from];
          from += plane;
          weight += area;
        }
      }
    }
    return sum;
  },
);

/**
 * Four neighbouring pixels of a row, which share the weight. Against one by one, for [4, 16, 16, 16] with 16 filters of 3×3 (time of the processor):
 * 1.2 times as fast in mode webasm, 1.6 in cpu, 2.2 in webgpu on SwiftShader.
 */
export const fourPixelsKernel = kernel(
  "conv2d, fours",
  { arrays: 2, integers: 12, helpers: WITH_QUOTIENT, fours: true },
  function (
    this: Thread,
    x: number[],
    w: number[],
    channels: number,
    groupChannels: number,
    groupOutputs: number,
    kernelHeight: number,
    kernelWidth: number,
    outWidth: number,
    plane: number,
    down: number,
    right: number,
    tapDown: number,
    tapRight: number,
    area: number,
  ) {
    let corner = -1;
    corner++;
    corner =
      (this.thread.z * channels + quotient(this.thread.y, groupOutputs) * groupChannels) * plane +
      quotient(this.thread.x * 4, outWidth) * down +
      remainder(this.thread.x * 4, outWidth) * right;
    let from = -1;
    from++;
    let weight = -1;
    weight++;
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let r = 0; r < kernelHeight; r++) {
      for (let s = 0; s < kernelWidth; s++) {
        from = corner + r * tapDown + s * tapRight;
        weight = this.thread.y * groupChannels * area + r * kernelWidth + s;
        for (let c = 0; c < groupChannels; c++) {
          const factor = w[weight];
          sum0 += factor * x[from];
          sum1 += factor * x[from + right];
          sum2 += factor * x[from + 2 * right];
          sum3 += factor * x[from + 3 * right];
          from += plane;
          weight += area;
        }
      }
    }
    return [sum0, sum1, sum2, sum3];
  },
);

/** Weights as the derivative needs them: inputs and outputs exchanged, taps from last to first. [O, C/groups, area] → [C, O/groups, area] */
export const turnKernel = kernel(
  "conv2dInputGradient, turned weights",
  { arrays: 1, integers: 3, helpers: WITH_QUOTIENT },
  function (this: Thread, w: number[], groupChannels: number, groupOutputs: number, area: number) {
    return w[
      ((quotient(this.thread.z, groupChannels) * groupOutputs + this.thread.y) * groupChannels +
        remainder(this.thread.z, groupChannels)) *
        area +
        area -
        1 -
        this.thread.x
    ];
  },
);

/**
 * One pixel of one input channel where windows lie more than a pixel apart: for every tap the window that meets the pixel with it, if there is one.
 * w: turned. `above` and `left`: rows and columns of padding.
 */
export const stridedGradientKernel = kernel(
  "conv2dInputGradient, strided",
  { arrays: 2, integers: 16, helpers: WITH_QUOTIENT },
  function (
    this: Thread,
    dy: number[],
    w: number[],
    outputs: number,
    groupOutputs: number,
    groupChannels: number,
    kernelHeight: number,
    kernelWidth: number,
    width: number,
    outHeight: number,
    outWidth: number,
    strideDown: number,
    strideRight: number,
    dilationDown: number,
    dilationRight: number,
    above: number,
    left: number,
    plane: number,
    area: number,
  ) {
    let from = -1;
    from++;
    let weight = -1;
    weight++;
    let sum = 0;
    for (let r = 0; r < kernelHeight; r++) {
      const down = quotient(this.thread.x, width) + above - r * dilationDown;
      const row = Math.floor(down / strideDown + 0.5);
      if (row * strideDown === down && row >= 0 && row < outHeight) {
        for (let s = 0; s < kernelWidth; s++) {
          const right = remainder(this.thread.x, width) + left - s * dilationRight;
          const column = Math.floor(right / strideRight + 0.5);
          if (column * strideRight === right && column >= 0 && column < outWidth) {
            from =
              (this.thread.z * outputs + quotient(this.thread.y, groupChannels) * groupOutputs) * plane +
              integer(row * outWidth + column);
            weight = (this.thread.y * groupOutputs + 1) * area - 1 - r * kernelWidth - s;
            for (let o = 0; o < groupOutputs; o++) {
              sum += w[weight] * dy[from];
              from += plane;
              weight += area;
            }
          }
        }
      }
    }
    return sum;
  },
);

/** The share of some images in the gradient of one weight. x: [B, C, H, W] with its padding, dy: [B, O, H', W'] */
export const weightGradientKernel = kernel(
  "conv2dWeightGradient",
  { arrays: 2, integers: 15, helpers: WITH_PLACE },
  function (
    this: Thread,
    dy: number[],
    x: number[],
    images: number,
    imagesInPart: number,
    outputs: number,
    channels: number,
    groupOutputs: number,
    groupChannels: number,
    kernelWidth: number,
    outHeight: number,
    outWidth: number,
    plane: number,
    down: number,
    right: number,
    tapDown: number,
    tapRight: number,
    area: number,
  ) {
    let corner = -1; // of the pixels that the weight meets in an image
    corner++;
    corner =
      quotient(this.thread.y, groupOutputs) * groupChannels * plane +
      placeOf(this.thread.x, area, kernelWidth, plane, tapDown, tapRight);
    let from = -1;
    from++;
    let at = 0;
    let sum = 0;
    for (let i = 0; i < imagesInPart; i++) {
      if (this.thread.z * imagesInPart + i < images) {
        at = ((this.thread.z * imagesInPart + i) * outputs + this.thread.y) * outHeight * outWidth;
        for (let p = 0; p < outHeight; p++) {
          from = (this.thread.z * imagesInPart + i) * channels * plane + corner + p * down;
          let row = 0;
          for (let q = 0; q < outWidth; q++) {
            row += dy[at] * x[from];
            at++;
            from += right;
          }
          sum += row;
        }
      }
    }
    return sum;
  },
);

/** Four neighbouring weights, which share dy: for the same images 2.1 times as fast in modes cpu and webgpu, but 0.8 times in webasm. */
export const fourWeightGradientsKernel = kernel(
  "conv2dWeightGradient, fours",
  { arrays: 2, integers: 15, helpers: WITH_PLACE, fours: true },
  function (
    this: Thread,
    dy: number[],
    x: number[],
    images: number,
    imagesInPart: number,
    outputs: number,
    channels: number,
    groupOutputs: number,
    groupChannels: number,
    kernelWidth: number,
    outHeight: number,
    outWidth: number,
    plane: number,
    down: number,
    right: number,
    tapDown: number,
    tapRight: number,
    area: number,
  ) {
    let group = -1; // where the first channel of the group begins in an image
    group++;
    group = quotient(this.thread.y, groupOutputs) * groupChannels * plane;
    let corner0 = -1;
    corner0++;
    corner0 = group + placeOf(this.thread.x * 4, area, kernelWidth, plane, tapDown, tapRight);
    let corner1 = -1;
    corner1++;
    corner1 = group + placeOf(this.thread.x * 4 + 1, area, kernelWidth, plane, tapDown, tapRight);
    let corner2 = -1;
    corner2++;
    corner2 = group + placeOf(this.thread.x * 4 + 2, area, kernelWidth, plane, tapDown, tapRight);
    let corner3 = -1;
    corner3++;
    corner3 = group + placeOf(this.thread.x * 4 + 3, area, kernelWidth, plane, tapDown, tapRight);
    let from = -1;
    from++;
    let at = 0;
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let i = 0; i < imagesInPart; i++) {
      if (this.thread.z * imagesInPart + i < images) {
        at = ((this.thread.z * imagesInPart + i) * outputs + this.thread.y) * outHeight * outWidth;
        for (let p = 0; p < outHeight; p++) {
          from = (this.thread.z * imagesInPart + i) * channels * plane + p * down;
          let row0 = 0;
          let row1 = 0;
          let row2 = 0;
          let row3 = 0;
          for (let q = 0; q < outWidth; q++) {
            const slope = dy[at];
            row0 += slope * x[corner0 + from];
            row1 += slope * x[corner1 + from];
            row2 += slope * x[corner2 + from];
            row3 += slope * x[corner3 + from];
            at++;
            from += right;
          }
          sum0 += row0;
          sum1 += row1;
          sum2 += row2;
          sum3 += row3;
        }
      }
    }
    return [sum0, sum1, sum2, sum3];
  },
);
