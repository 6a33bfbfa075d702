/**
 * Convolution and both of its derivatives, of x: [B, C, H, W] with w: [O, C/groups, KH, KW].
 *
 * The derivative for the input is, at a stride of 1, a convolution too: of dy with the turned weights.
 */
import type { Conv2dGeometry } from "../../engine.js";
import { sizeOf, type Shape } from "../../shape.js";
import type { Tensor } from "../../tensor.js";
import type { Context } from "./context.js";
import {
  convolutionKernel,
  fourPixelsKernel,
  fourWeightGradientsKernel,
  padKernel,
  stridedGradientKernel,
  turnKernel,
  weightGradientKernel,
} from "./convolutionKernels.js";
import { slice } from "./movement.js";
import { reduce } from "./reductions.js";
import { outputExtents, spanOf } from "./windows.js";

/** The most cells that wait to be summed to a gradient of weights. */
const MOST_PARTIAL_SUMS = 2 ** 24;

/** From so many products on a part of the images is worth a cell of its own. */
const PRODUCTS_IN_PART = 256;

/** Of the columns that cells of four compute, this share at least must be wanted; the others are cut off. */
const WANTED_COLUMNS = 0.8;

export function conv2d(context: Context, x: Tensor, w: Tensor, geometry: Conv2dGeometry): Tensor {
  return convolve(context, x, w, geometry, outputExtents(x.shape, geometry));
}

export function conv2dInputGradient(
  context: Context,
  dy: Tensor,
  w: Tensor,
  geometry: Conv2dGeometry,
  inputShape: Shape,
): Tensor {
  const [images, channels, height, width] = inputShape;
  const [, outputs, outHeight, outWidth] = dy.shape;
  const { kernel, stride, padding, dilation, groups } = geometry;
  const [groupChannels, groupOutputs, area] = [channels / groups, outputs / groups, sizeOf(kernel)];
  return context.scope(() => {
    const turned = context.launch(
      turnKernel,
      [channels, groupOutputs, ...kernel],
      [area, groupOutputs, channels],
      [w],
      [groupChannels, groupOutputs, area],
    );
    if (Math.max(...stride) === 1) {
      const around = [0, 1].map((axis) => spanOf(geometry, axis as 0 | 1) - 1 - padding[axis]) as [number, number];
      return convolve(context, dy, turned, { ...geometry, padding: around }, [height, width]);
    }
    const extents = [outputs, groupOutputs, groupChannels, ...kernel, width, outHeight, outWidth];
    return context.launch(
      stridedGradientKernel,
      inputShape,
      [height * width, channels, images],
      [dy, turned],
      [...extents, ...stride, ...dilation, ...padding, outHeight * outWidth, area],
    );
  });
}

export function conv2dWeightGradient(
  context: Context,
  x: Tensor,
  dy: Tensor,
  geometry: Conv2dGeometry,
  weightShape: Shape,
): Tensor {
  const [images, outputs, outHeight, outWidth] = dy.shape;
  const channels = x.shape[1];
  const { groups, kernel } = geometry;
  const weights = sizeOf(weightShape.slice(1));
  const together = imagesInPart(images, sizeOf(weightShape), outHeight * outWidth);
  const parts = Math.ceil(images / together);
  const fours = context.fours && weights % 4 === 0;
  return context.scope(() => {
    const padded = pad(context, x, geometry, [outHeight, outWidth]);
    const sums = context.launch(
      fours ? fourWeightGradientsKernel : weightGradientKernel,
      [parts, ...weightShape],
      [fours ? weights / 4 : weights, outputs, parts],
      [dy, padded],
      [
        ...[images, together, outputs, channels, outputs / groups, channels / groups, kernel[1]],
        ...[outHeight, outWidth, ...steps(padded.shape, geometry), sizeOf(kernel)],
      ],
    );
    return reduce(context, "sum", sums, [0], false);
  });
}

/** Images whose products a cell sums alone: short sums lose less in float32, and many cells keep a GPU busy. */
function imagesInPart(images: number, weights: number, pixels: number): number {
  const worthwhile = Math.ceil(PRODUCTS_IN_PART / Math.max(1, pixels));
  const forRoom = Math.ceil((images * weights) / MOST_PARTIAL_SUMS);
  return Math.max(1, forRoom, Math.min(images, worthwhile));
}

/** As many rows and columns of the convolution as are asked for. The padding may be negative. */
function convolve(
  context: Context,
  x: Tensor,
  w: Tensor,
  geometry: Conv2dGeometry,
  [outHeight, outWidth]: readonly [number, number],
): Tensor {
  const [images, channels] = x.shape;
  const [outputs, groupChannels, ...kernel] = w.shape;
  const inFours = Math.ceil(outWidth / 4) * 4;
  const fours = context.fours && outWidth >= WANTED_COLUMNS * inFours;
  const columns = fours ? inFours : outWidth;
  return context.scope(() => {
    const padded = pad(context, x, geometry, [outHeight, columns]);
    const y = context.launch(
      fours ? fourPixelsKernel : convolutionKernel,
      [images, outputs, outHeight, columns],
      [(outHeight * columns) / (fours ? 4 : 1), outputs, images],
      [padded, w],
      [
        ...[channels, groupChannels, outputs / geometry.groups, ...kernel, columns],
        ...[...steps(padded.shape, geometry), sizeOf(kernel)],
      ],
    );
    return columns === outWidth ? y : slice(context, y, 3, 0, outWidth);
  });
}

/** x with its padding, as much of it as windows for so many rows and columns of pixels cover; x itself where that has no padding. */
function pad(context: Context, x: Tensor, geometry: Conv2dGeometry, pixels: readonly [number, number]): Tensor {
  const [images, channels, height, width] = x.shape;
  const [above, left] = geometry.padding;
  const [rows, columns] = ([0, 1] as const).map(
    (axis) => (pixels[axis] - 1) * geometry.stride[axis] + spanOf(geometry, axis),
  );
  if (above === 0 && left === 0 && rows <= height && columns <= width) return x;
  const grid = [columns, rows, images * channels] as const;
  return context.launch(padKernel, [images, channels, rows, columns], grid, [x], [height, width, above, left]);
}

/** plane, down, right, tapDown, tapRight of the kernels, in images of this shape */
function steps([, , height, width]: Shape, { stride, dilation }: Conv2dGeometry): number[] {
  return [height * width, stride[0] * width, stride[1], dilation[0] * width, dilation[1]];
}
