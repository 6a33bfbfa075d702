/** Layer norm over the last axis: rows take the place of the channels of batch norm, but weights belong to columns. */
import type { Tensor } from "../../tensor.js";
import { inverseDeviationKernel } from "./channels.js";
import { channelSums, normalizedProducts, squaredDeviations, type Extents } from "./channelSums.js";
import type { Context } from "./context.js";
import { affine } from "./elementwise.js";
import { kernel, type Thread } from "./kernel.js";
import { reduce } from "./reductions.js";

const layerNormKernel = kernel(
  "layerNorm",
  { arrays: 5, integers: 1 },
  function (
    this: Thread,
    x: number[],
    weight: number[],
    bias: number[],
    mean: number[],
    inverse: number[],
    columns: number,
  ) {
    const normalized = (x[this.thread.y * columns + this.thread.x] - mean[this.thread.y]) * inverse[this.thread.y];
    return weight[this.thread.x] * normalized + bias[this.thread.x];
  },
);

/** weight · dy */
const weightedKernel = kernel(
  "layerNormGradient, weighted",
  { arrays: 2, integers: 1 },
  function (this: Thread, dy: number[], weight: number[], columns: number) {
    return weight[this.thread.x] * dy[this.thread.y * columns + this.thread.x];
  },
);

/** dy · x̂, which sums to the gradient of the weight */
const weightUsesKernel = kernel(
  "layerNormGradient, uses of the weight",
  { arrays: 4, integers: 1 },
  function (this: Thread, dy: number[], x: number[], mean: number[], inverse: number[], columns: number) {
    return (
      dy[this.thread.y * columns + this.thread.x] *
      ((x[this.thread.y * columns + this.thread.x] - mean[this.thread.y]) * inverse[this.thread.y])
    );
  },
);

/** With g = weight · dy: (g − mean(g) − x̂ · mean(g · x̂)) · inverse */
const layerNormGradientKernel = kernel(
  "layerNormGradient",
  { arrays: 6, integers: 1 },
  function (
    this: Thread,
    g: number[],
    x: number[],
    mean: number[],
    inverse: number[],
    meanSlope: number[],
    meanProduct: number[],
    columns: number,
  ) {
    const normalized = (x[this.thread.y * columns + this.thread.x] - mean[this.thread.y]) * inverse[this.thread.y];
    return (
      (g[this.thread.y * columns + this.thread.x] -
        meanSlope[this.thread.y] -
        normalized * meanProduct[this.thread.y]) *
      inverse[this.thread.y]
    );
  },
);

export function layerNorm(
  context: Context,
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  epsilon: number,
): { y: Tensor; mean: Tensor; inverseDeviation: Tensor } {
  const extents = rowsOf(x, weight);
  const { channels: rows, pixels: columns } = extents;
  return context.scope(() => {
    const mean = reduce(context, "mean", x.reshape([rows, columns]), [1], false);
    const squares = channelSums(context, squaredDeviations, [x, mean], extents);
    const variance = affine(context, squares, 1 / columns, 0);
    const inverseDeviation = context.launch(inverseDeviationKernel, [rows], [rows], [variance], [epsilon]);
    const inputs = [x, weight, bias, mean, inverseDeviation];
    const y = context.launch(layerNormKernel, x.shape, [columns, rows], inputs, [columns]);
    return { y, mean, inverseDeviation };
  });
}

export function layerNormGradient(
  context: Context,
  dy: Tensor,
  x: Tensor,
  weight: Tensor,
  mean: Tensor,
  inverseDeviation: Tensor,
): { dx: Tensor; dweight: Tensor; dbias: Tensor } {
  const extents = rowsOf(x, weight);
  const { channels: rows, pixels: columns } = extents;
  const [shape, grid] = [[rows, columns], [columns, rows] as const];
  return context.scope(() => {
    const statistics = [mean, inverseDeviation];
    const g = context.launch(weightedKernel, shape, grid, [dy, weight], [columns]);
    const products = channelSums(context, normalizedProducts, [g, x, ...statistics], extents);
    const means = [reduce(context, "mean", g, [1], false), affine(context, products, 1 / columns, 0)];
    const dx = context.launch(layerNormGradientKernel, x.shape, grid, [g, x, ...statistics, ...means], [columns]);
    const uses = context.launch(weightUsesKernel, shape, grid, [dy, x, ...statistics], [columns]);
    return {
      dx,
      dweight: reduce(context, "sum", uses, [0], false),
      dbias: reduce(context, "sum", dy.reshape(shape), [0], false),
    };
  });
}

/** Rows as channels of one image, columns as their pixels. */
function rowsOf(x: Tensor, weight: Tensor): Extents {
  return { images: 1, channels: x.size / Math.max(1, weight.size), pixels: weight.size };
}
