/** Windows that slide over [B, C, H, W]: what convolution and pooling share. */
import type { Window2d } from "../../engine.js";
import type { Shape } from "../../shape.js";

/** Rows and columns of the result: how many windows fit into the padded image, one below another and side by side. */
export function outputExtents(x: Shape, window: Window2d): [number, number] {
  const fitting = (axis: 0 | 1): number =>
    Math.floor((x[2 + axis] + 2 * window.padding[axis] - spanOf(window, axis)) / window.stride[axis]) + 1;
  return [fitting(0), fitting(1)];
}

/** Pixels from the first tap of a window to its last. */
export function spanOf({ kernel, dilation }: Pick<Window2d, "kernel" | "dilation">, axis: 0 | 1): number {
  return dilation[axis] * (kernel[axis] - 1) + 1;
}
