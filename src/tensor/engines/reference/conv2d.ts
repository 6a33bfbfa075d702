/**
 * Convolution, the definition: y[b, o, p, q] = Σ_c Σ_r Σ_s w[o, c, r, s] · x[b, c, p·stride − padding + r·dilation, q·… + s·…].
 *
 * A tap is one weight: it meets a rectangle of input pixels and a rectangle of output pixels in every image. The convolution and
 * both of its derivatives are the same walk over taps and pixels; they differ in which of y, x and w is the one written to.
 */
import type { Conv2dGeometry, FloatArray } from "../../engine.js";
import type { Shape } from "../../shape.js";
import { accumulate, type Values } from "./values.js";

/** One weight, and where the pixels it connects lie; a step right or down moves by the strides. */
interface Tap {
  readonly weight: number;
  /** Positions of the first pixel of the rectangle. */
  readonly input: number;
  readonly output: number;
  readonly rows: number;
  readonly columns: number;
  readonly inputDown: number;
  readonly inputRight: number;
  readonly outputDown: number;
}

export function conv2d(x: Values, w: Values, geometry: Conv2dGeometry, y: Shape, out: FloatArray): void {
  accumulate(out, (sums) =>
    forEachTap(x.shape, w.shape, y, geometry, (tap) => {
      const weight = w.data[tap.weight];
      for (let row = 0; row < tap.rows; row++) {
        let from = tap.input + row * tap.inputDown;
        const start = tap.output + row * tap.outputDown;
        for (let to = start; to < start + tap.columns; to++, from += tap.inputRight) {
          sums[to] += weight * x.data[from];
        }
      }
    }),
  );
}

export function conv2dInputGradient(dy: Values, w: Values, geometry: Conv2dGeometry, x: Shape, out: FloatArray): void {
  accumulate(out, (sums) =>
    forEachTap(x, w.shape, dy.shape, geometry, (tap) => {
      const weight = w.data[tap.weight];
      for (let row = 0; row < tap.rows; row++) {
        let to = tap.input + row * tap.inputDown;
        const start = tap.output + row * tap.outputDown;
        for (let from = start; from < start + tap.columns; from++, to += tap.inputRight) {
          sums[to] += weight * dy.data[from];
        }
      }
    }),
  );
}

export function conv2dWeightGradient(x: Values, dy: Values, geometry: Conv2dGeometry, w: Shape, out: FloatArray): void {
  accumulate(out, (sums) =>
    forEachTap(x.shape, w, dy.shape, geometry, (tap) => {
      let sum = 0;
      for (let row = 0; row < tap.rows; row++) {
        let from = tap.input + row * tap.inputDown;
        const start = tap.output + row * tap.outputDown;
        for (let at = start; at < start + tap.columns; at++, from += tap.inputRight) {
          sum += dy.data[at] * x.data[from];
        }
      }
      sums[tap.weight] += sum;
    }),
  );
}

/** Every weight of every image, with the pixels it meets. x: [B, C, H, W], w: [O, C/groups, KH, KW], y: [B, O, H', W'] */
function forEachTap(x: Shape, w: Shape, y: Shape, geometry: Conv2dGeometry, visit: (tap: Tap) => void): void {
  const [images, channels, height, width] = x;
  const [outputs, channelsInGroup, kernelHeight, kernelWidth] = w;
  const [, , outHeight, outWidth] = y;
  const outputsInGroup = outputs / geometry.groups;
  for (let b = 0; b < images; b++) {
    for (let o = 0; o < outputs; o++) {
      const firstChannel = Math.floor(o / outputsInGroup) * channelsInGroup;
      const outputPlane = (b * outputs + o) * outHeight * outWidth;
      for (let c = 0; c < channelsInGroup; c++) {
        const inputPlane = (b * channels + firstChannel + c) * height * width;
        for (let r = 0; r < kernelHeight; r++) {
          const down = reach(r, height, outHeight, geometry, 0);
          for (let s = 0; s < kernelWidth; s++) {
            const right = reach(s, width, outWidth, geometry, 1);
            visit({
              weight: ((o * channelsInGroup + c) * kernelHeight + r) * kernelWidth + s,
              input: inputPlane + down.input * width + right.input,
              output: outputPlane + down.output * outWidth + right.output,
              rows: down.count,
              columns: right.count,
              inputDown: geometry.stride[0] * width,
              inputRight: geometry.stride[1],
              outputDown: outWidth,
            });
          }
        }
      }
    }
  }
}

/** Along one axis: the output positions p with 0 <= p·stride − padding + tap·dilation < extent, and the input of the first. */
function reach(tap: number, extent: number, outExtent: number, geometry: Conv2dGeometry, axis: 0 | 1) {
  const stride = geometry.stride[axis];
  const shift = tap * geometry.dilation[axis] - geometry.padding[axis];
  const first = Math.max(0, Math.ceil(-shift / stride));
  const end = Math.min(outExtent, Math.floor((extent - 1 - shift) / stride) + 1);
  return { output: first, input: first * stride + shift, count: Math.max(0, end - first) };
}
