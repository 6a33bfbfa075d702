/** Matrix products and convolutions of tensors: shapes and addresses for matmul.ts and convolution.ts. */
import type { Conv2dGeometry } from "../../engine.js";
import type { Shape } from "../../shape.js";
import type { Tensor } from "../../tensor.js";
import { pointerOf, type Context } from "./context.js";
import * as convolution from "./convolution.js";
import { matmul as multiply } from "./matmul.js";

/** [M, K] · [K, N] → [M, N], or batches of it; a flag says that an operand is stored transposed. */
export function matmul(context: Context, a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  const [left, right] = [pointerOf(context, a, "matmul"), pointerOf(context, b, "matmul")];
  const batches = a.shape.slice(0, -2);
  const [rows, columns] = a.shape.slice(-2);
  const [m, k] = transposeA ? [columns, rows] : [rows, columns];
  const n = b.shape[b.rank - (transposeB ? 2 : 1)];
  const y = context.make([...batches, m, n]);
  multiply(context, left, right, pointerOf(context, y, "matmul"), batches[0] ?? 1, m, k, n, { transposeA, transposeB });
  return y;
}

/** x: [B, C, H, W], w: [O, C/groups, KH, KW] → [B, O, H', W'] */
export function conv2d(context: Context, x: Tensor, w: Tensor, geometry: Conv2dGeometry): Tensor {
  const [height, width] = [0, 1].map((axis) => {
    const span = (geometry.kernel[axis] - 1) * geometry.dilation[axis] + 1;
    return Math.floor((x.shape[2 + axis] + 2 * geometry.padding[axis] - span) / geometry.stride[axis]) + 1;
  });
  const y = context.make([x.shape[0], w.shape[0], height, width]);
  const [from, weights, to] = [
    pointerOf(context, x, "conv2d"),
    pointerOf(context, w, "conv2d"),
    pointerOf(context, y, "conv2d"),
  ];
  convolution.conv2d(context, from, weights, to, x.shape, w.shape, geometry);
  return y;
}

/** dy: [B, O, H', W'] → [B, C, H, W] */
export function conv2dInputGradient(
  context: Context,
  dy: Tensor,
  w: Tensor,
  geometry: Conv2dGeometry,
  inputShape: Shape,
): Tensor {
  const dx = context.make(inputShape);
  const name = "conv2dInputGradient";
  const [from, weights, to] = [pointerOf(context, dy, name), pointerOf(context, w, name), pointerOf(context, dx, name)];
  convolution.conv2dInputGradient(context, from, weights, to, inputShape, w.shape, geometry);
  return dx;
}

/** x: [B, C, H, W], dy: [B, O, H', W'] → [O, C/groups, KH, KW] */
export function conv2dWeightGradient(
  context: Context,
  x: Tensor,
  dy: Tensor,
  geometry: Conv2dGeometry,
  weightShape: Shape,
): Tensor {
  const dw = context.make(weightShape);
  const name = "conv2dWeightGradient";
  const [input, output, to] = [pointerOf(context, x, name), pointerOf(context, dy, name), pointerOf(context, dw, name)];
  convolution.conv2dWeightGradient(context, input, output, to, x.shape, weightShape, geometry);
  return dw;
}
