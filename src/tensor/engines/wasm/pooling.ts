/** Maximum and average pooling of [B, C, H, W]. */
import type { Window2d } from "../../engine.js";
import type { Shape } from "../../shape.js";
import type { Tensor } from "../../tensor.js";
import { pointerOf, type Context } from "./context.js";

export function maxPool2d(context: Context, x: Tensor, window: Window2d): Tensor {
  return pool(context, "maxPool2d", x, window);
}

export function averagePool2d(context: Context, x: Tensor, window: Window2d): Tensor {
  return pool(context, "averagePool2d", x, window);
}

export function maxPool2dGradient(context: Context, x: Tensor, dy: Tensor, window: Window2d): Tensor {
  return gradient(context, "maxPool2dGradient", [x, dy], dy, window, x.shape);
}

export function averagePool2dGradient(context: Context, dy: Tensor, window: Window2d, inputShape: Shape): Tensor {
  return gradient(context, "averagePool2dGradient", [dy], dy, window, inputShape);
}

function pool(context: Context, name: string, x: Tensor, window: Window2d): Tensor {
  const from = pointerOf(context, x, name);
  const [b, c, h, w] = x.shape;
  const oh = pooledExtent(h, window, 0);
  const ow = pooledExtent(w, window, 1);
  const y = context.make([b, c, oh, ow]);
  const args = [from, pointerOf(context, y, name), h, w, oh, ow, ...geometry(window)];
  context.run(name, b * c, args, y.size * window.kernel[0] * window.kernel[1]);
  return y;
}

function gradient(
  context: Context,
  name: string,
  inputs: readonly Tensor[],
  dy: Tensor,
  window: Window2d,
  inputShape: Shape,
): Tensor {
  const from = inputs.map((tensor) => pointerOf(context, tensor, name));
  const [b, c, h, w] = inputShape;
  const [oh, ow] = dy.shape.slice(2);
  const dx = context.make(inputShape);
  const args = [...from, pointerOf(context, dx, name), h, w, oh, ow, ...geometry(window)];
  context.run(name, b * c, args, dy.size * window.kernel[0] * window.kernel[1] + dx.size);
  return dx;
}

/** floor((extent + 2·padding − dilation·(kernel − 1) − 1) / stride) + 1 */
function pooledExtent(extent: number, { kernel, stride, padding, dilation }: Window2d, axis: 0 | 1): number {
  return Math.floor((extent + 2 * padding[axis] - dilation[axis] * (kernel[axis] - 1) - 1) / stride[axis]) + 1;
}

function geometry({ kernel, stride, padding, dilation }: Window2d): number[] {
  return [...kernel, ...stride, ...padding, ...dilation];
}
