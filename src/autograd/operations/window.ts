/** Options of sliding windows, filled in and checked: what convolution and pooling share. */
import type { Window2d } from "../../tensor/engine.js";

/** One number for both directions, or [vertical, horizontal]. */
export type Pair = number | readonly [number, number];

/** [vertical, horizontal] */
export function pair(value: Pair): readonly [number, number] {
  return typeof value === "number" ? [value, value] : value;
}

/** `3×5` as it is written in messages. */
function times([vertical, horizontal]: readonly [number, number]): string {
  return `${vertical}×${horizontal}`;
}

/**
 * The kernel must fit into the padded input [B, C, H, W], in both directions; strides, dilations and kernels are at least 1.
 * `given` is the second line of the message: the values of the call.
 */
export function checkWindow(name: string, x: readonly number[], window: Window2d, given: string): void {
  const { kernel, stride, padding, dilation } = window;
  const whole = (values: readonly number[], least: number): boolean =>
    values.every((value) => Number.isInteger(value) && value >= least);
  if (!whole([...kernel, ...stride, ...dilation], 1) || !whole(padding, 0)) {
    throw new Error(
      `${name}: kernel, stride and dilation must be whole numbers from 1, padding from 0; given kernel ${times(kernel)}, ` +
        `stride ${times(stride)}, dilation ${times(dilation)}, padding ${times(padding)}.\n        ${given}`,
    );
  }
  for (const axis of [0, 1] as const) {
    const span = dilation[axis] * (kernel[axis] - 1) + 1;
    const extent = x[2 + axis] + 2 * padding[axis];
    if (span > extent) {
      throw new Error(
        `${name}: kernel ${times(kernel)} with dilation ${dilation[axis]} spans ${span} pixels, ` +
          `but the padded input is ${extent} ${axis === 0 ? "high" : "wide"}.\n        ${given}`,
      );
    }
  }
}
