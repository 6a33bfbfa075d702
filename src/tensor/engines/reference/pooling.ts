/** Maximum and mean over windows of [B, C, H, W], and their derivatives, from the definition: one loop over windows. */
import type { FloatArray, Window2d } from "../../engine.js";
import type { Shape } from "../../shape.js";
import type { Values } from "./values.js";

/** Called for every output element with the positions of the input elements in its window (padding left out). */
type WindowVisitor = (output: number, inputs: readonly number[]) => void;

function forEachWindow(x: Shape, y: Shape, window: Window2d, visit: WindowVisitor): void {
  const [images, channels, height, width] = x;
  const [, , outHeight, outWidth] = y;
  let output = 0;
  for (let plane = 0; plane < images * channels; plane++) {
    for (let p = 0; p < outHeight; p++) {
      const rows = inside(p, height, window, 0);
      for (let q = 0; q < outWidth; q++) {
        const columns = inside(q, width, window, 1);
        const inputs: number[] = [];
        for (const row of rows) for (const column of columns) inputs.push((plane * height + row) * width + column);
        visit(output++, inputs);
      }
    }
  }
}

/** Input coordinates that the window at `position` covers along one axis. */
function inside(position: number, extent: number, window: Window2d, axis: 0 | 1): number[] {
  const first = position * window.stride[axis] - window.padding[axis];
  return Array.from({ length: window.kernel[axis] }, (_, tap) => first + tap * window.dilation[axis]).filter(
    (coordinate) => coordinate >= 0 && coordinate < extent,
  );
}

/** Where the first of the largest values is; a NaN counts as largest, so that it is not lost. */
function firstMaximum(x: FloatArray, inputs: readonly number[]): number {
  let best = inputs[0];
  for (const input of inputs)
    if (x[input] > x[best] || (Number.isNaN(x[input]) && !Number.isNaN(x[best]))) best = input;
  return best;
}

export function maxPool2d(x: Values, y: Shape, window: Window2d, out: FloatArray): void {
  forEachWindow(x.shape, y, window, (output, inputs) => {
    out[output] = x.data[firstMaximum(x.data, inputs)];
  });
}

export function maxPool2dGradient(x: Values, dy: Values, window: Window2d, sums: Float64Array): void {
  forEachWindow(x.shape, dy.shape, window, (output, inputs) => {
    sums[firstMaximum(x.data, inputs)] += dy.data[output];
  });
}

export function averagePool2d(x: Values, y: Shape, window: Window2d, out: FloatArray): void {
  const count = window.kernel[0] * window.kernel[1]; // padding is counted
  forEachWindow(x.shape, y, window, (output, inputs) => {
    let sum = 0;
    for (const input of inputs) sum += x.data[input];
    out[output] = sum / count;
  });
}

export function averagePool2dGradient(dy: Values, x: Shape, window: Window2d, sums: Float64Array): void {
  const count = window.kernel[0] * window.kernel[1];
  forEachWindow(x, dy.shape, window, (output, inputs) => {
    for (const input of inputs) sums[input] += dy.data[output] / count;
  });
}

/** H' and W' of a window that slides over [B, C, H, W]. */
export function outputExtents(x: Shape, { kernel, stride, padding, dilation }: Window2d): [number, number] {
  const extent = (axis: 0 | 1): number =>
    Math.floor((x[2 + axis] + 2 * padding[axis] - dilation[axis] * (kernel[axis] - 1) - 1) / stride[axis]) + 1;
  return [extent(0), extent(1)];
}
