/** PReLU, channel scaling and batch norm of x: [B, C, …]. */
import type { Tensor } from "../../tensor.js";
import {
  channelSums,
  extentsOf,
  normalizedProducts,
  slopeUses,
  squaredDeviations,
  type Extents,
} from "./channelSums.js";
import type { Context } from "./context.js";
import type { Grid } from "./device.js";
import { affine } from "./elementwise.js";
import { kernel, type Thread } from "./kernel.js";
import { reduce } from "./reductions.js";

/** step: 1, or 0 where one slope serves all channels */
const preluKernel = kernel(
  "prelu",
  { arrays: 2, integers: 3 },
  function (this: Thread, x: number[], slope: number[], channels: number, pixels: number, step: number) {
    const value = x[(this.thread.z * channels + this.thread.y) * pixels + this.thread.x];
    if (value > 0) return value;
    return slope[this.thread.y * step] * value;
  },
);

const preluGradientKernel = kernel(
  "preluGradient",
  { arrays: 3, integers: 3 },
  function (this: Thread, dy: number[], x: number[], slope: number[], channels: number, pixels: number, step: number) {
    const gradient = dy[(this.thread.z * channels + this.thread.y) * pixels + this.thread.x];
    if (x[(this.thread.z * channels + this.thread.y) * pixels + this.thread.x] > 0) return gradient;
    return slope[this.thread.y * step] * gradient;
  },
);

const scaleKernel = kernel(
  "scaleChannels",
  { arrays: 3, integers: 2 },
  function (this: Thread, x: number[], scale: number[], shift: number[], channels: number, pixels: number) {
    return (
      scale[this.thread.y] * x[(this.thread.z * channels + this.thread.y) * pixels + this.thread.x] +
      shift[this.thread.y]
    );
  },
);

/** 1 / √(variance + epsilon) */
export const inverseDeviationKernel = kernel(
  "inverse deviation",
  { arrays: 1, numbers: 1 },
  function (this: Thread, variance: number[], epsilon: number) {
    return 1 / Math.sqrt(variance[this.thread.x] + epsilon);
  },
);

const batchNormKernel = kernel(
  "batchNorm",
  { arrays: 5, integers: 2 },
  function (
    this: Thread,
    x: number[],
    weight: number[],
    bias: number[],
    mean: number[],
    inverse: number[],
    channels: number,
    pixels: number,
  ) {
    const normalized =
      (x[(this.thread.z * channels + this.thread.y) * pixels + this.thread.x] - mean[this.thread.y]) *
      inverse[this.thread.y];
    return weight[this.thread.y] * normalized + bias[this.thread.y];
  },
);

/** With g = weight · dy: (g − mean(g) − x̂ · mean(g · x̂)) · inverse. The means are those of dy and dy · x̂, times the weight. */
const batchNormGradientKernel = kernel(
  "batchNormGradient",
  { arrays: 7, integers: 2 },
  function (
    this: Thread,
    dy: number[],
    x: number[],
    weight: number[],
    mean: number[],
    inverse: number[],
    meanSlope: number[],
    meanProduct: number[],
    channels: number,
    pixels: number,
  ) {
    const normalized =
      (x[(this.thread.z * channels + this.thread.y) * pixels + this.thread.x] - mean[this.thread.y]) *
      inverse[this.thread.y];
    const slope = weight[this.thread.y] * dy[(this.thread.z * channels + this.thread.y) * pixels + this.thread.x];
    return (
      (slope -
        weight[this.thread.y] * meanSlope[this.thread.y] -
        normalized * (weight[this.thread.y] * meanProduct[this.thread.y])) *
      inverse[this.thread.y]
    );
  },
);

/** A cell an element. */
function gridOf({ images, channels, pixels }: Extents): Grid {
  return [pixels, channels, images];
}

export function prelu(context: Context, x: Tensor, slope: Tensor): Tensor {
  const extents = extentsOf(x.shape);
  const scalars = [extents.channels, extents.pixels, slope.size === 1 ? 0 : 1];
  return context.launch(preluKernel, x.shape, gridOf(extents), [x, slope], scalars);
}

export function preluGradient(context: Context, x: Tensor, slope: Tensor, dy: Tensor): { dx: Tensor; dslope: Tensor } {
  const extents = extentsOf(x.shape);
  const shared = slope.size === 1;
  const scalars = [extents.channels, extents.pixels, shared ? 0 : 1];
  return {
    dx: context.launch(preluGradientKernel, x.shape, gridOf(extents), [dy, x, slope], scalars),
    dslope: channelSums(context, slopeUses, [dy, x], extents, shared),
  };
}

export function scaleChannels(context: Context, x: Tensor, scale: Tensor, shift: Tensor): Tensor {
  const extents = extentsOf(x.shape);
  const scalars = [extents.channels, extents.pixels];
  return context.launch(scaleKernel, x.shape, gridOf(extents), [x, scale, shift], scalars);
}

export function batchNorm(
  context: Context,
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  epsilon: number,
): { y: Tensor; mean: Tensor; variance: Tensor; inverseDeviation: Tensor } {
  const extents = extentsOf(x.shape);
  const { images, channels, pixels } = extents;
  const share = 1 / Math.max(1, images * pixels);
  return context.scope(() => {
    // two passes, the mean first: the difference of large squares would lose digits
    const mean = affine(context, sumsOf(context, x, extents), share, 0);
    const variance = affine(context, channelSums(context, squaredDeviations, [x, mean], extents), share, 0);
    const inverseDeviation = context.launch(inverseDeviationKernel, [channels], [channels], [variance], [epsilon]);
    const inputs = [x, weight, bias, mean, inverseDeviation];
    const y = context.launch(batchNormKernel, x.shape, gridOf(extents), inputs, [channels, pixels]);
    return { y, mean, variance, inverseDeviation };
  });
}

export function batchNormGradient(
  context: Context,
  dy: Tensor,
  x: Tensor,
  weight: Tensor,
  mean: Tensor,
  inverseDeviation: Tensor,
): { dx: Tensor; dweight: Tensor; dbias: Tensor } {
  const extents = extentsOf(x.shape);
  const { images, channels, pixels } = extents;
  const share = 1 / Math.max(1, images * pixels);
  return context.scope(() => {
    const dweight = channelSums(context, normalizedProducts, [dy, x, mean, inverseDeviation], extents);
    const dbias = sumsOf(context, dy, extents);
    const means = [affine(context, dbias, share, 0), affine(context, dweight, share, 0)];
    const inputs = [dy, x, weight, mean, inverseDeviation, ...means];
    const dx = context.launch(batchNormGradientKernel, x.shape, gridOf(extents), inputs, [channels, pixels]);
    return { dx, dweight, dbias };
  });
}

/** Σ x of every channel */
function sumsOf(context: Context, x: Tensor, { images, channels, pixels }: Extents): Tensor {
  return reduce(context, "sum", x.reshape([images, channels, pixels]), [0, 2], false);
}
