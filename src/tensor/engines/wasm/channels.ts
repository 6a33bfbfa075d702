/**
 * PReLU, channel scaling and batch norm of x: [B, C, …].
 *
 * The kernels want the elements of a channel side by side. Features, [B, C] with nothing behind the channel, are transposed for those that sum
 * over a channel: the batch then takes the place of the pixels.
 */
import { sizeOf, type Shape } from "../../shape.js";
import type { Tensor } from "../../tensor.js";
import { pointerOf, withBlock, type Context } from "./context.js";
import { permute } from "./movement.js";

/** x as [batch, channels, inner]. */
interface Extents {
  readonly batch: number;
  readonly channels: number;
  readonly inner: number;
}

function extentsOf(shape: Shape): Extents {
  return { batch: shape[0], channels: shape[1], inner: sizeOf(shape.slice(2)) };
}

export function prelu(context: Context, x: Tensor, slope: Tensor): Tensor {
  const from = [x, slope].map((tensor) => pointerOf(context, tensor, "prelu"));
  const y = context.make(x.shape);
  const to = pointerOf(context, y, "prelu");
  if (x.size === 0) return y;
  if (slope.size === 1) {
    const rows = x.rank > 1 ? x.shape[0] : 1;
    context.run("prelu", rows, [...from, 0, to, 1, x.size / rows], x.size);
  } else {
    const { batch, channels, inner } = extentsOf(x.shape);
    if (inner === 1) context.run("preluFeatures", batch, [...from, to, channels], x.size);
    else context.run("prelu", batch * channels, [...from, 1, to, channels, inner], x.size);
  }
  return y;
}

export function preluGradient(context: Context, x: Tensor, slope: Tensor, dy: Tensor): { dx: Tensor; dslope: Tensor } {
  const name = "preluGradient";
  const run = (from: Tensor, gradient: Tensor, step: number, { batch, channels, inner }: Extents) => {
    const pointers = [
      pointerOf(context, from, name),
      pointerOf(context, slope, name),
      step,
      pointerOf(context, gradient, name),
    ];
    const dx = context.make(from.shape);
    const dslope = context.make([step === 0 ? 1 : channels]);
    const rows = batch * channels;
    withBlock(context, rows * 8, (partial) => {
      context.run(name, rows, [...pointers, pointerOf(context, dx, name), partial, channels, inner], from.size * 2);
      // one slope for all: one channel, to which every row belongs
      const [images, sums] = step === 0 ? [rows, 1] : [batch, channels];
      context.run("sumChannels", sums, [partial, pointerOf(context, dslope, name), images, sums], rows);
    });
    return { dx, dslope };
  };
  if (slope.size === 1) {
    const rows = x.rank > 1 ? x.shape[0] : 1;
    return run(x, dy, 0, { batch: rows, channels: 1, inner: x.size / rows });
  }
  const extents = extentsOf(x.shape);
  if (extents.inner > 1) return run(x, dy, 1, extents);
  const [turned, turnedGradient] = [turn(context, x), turn(context, dy)];
  const { dx, dslope } = run(turned, turnedGradient, 1, asPixels(extents));
  const result = { dx: turnBack(context, dx, x.shape), dslope };
  for (const tensor of [turned, turnedGradient, dx]) tensor.dispose();
  return result;
}

export function scaleChannels(context: Context, x: Tensor, scale: Tensor, shift: Tensor): Tensor {
  const from = [x, scale, shift].map((tensor) => pointerOf(context, tensor, "scaleChannels"));
  const { batch, channels, inner } = extentsOf(x.shape);
  const y = context.make(x.shape);
  const to = pointerOf(context, y, "scaleChannels");
  if (inner === 1) context.run("scaleFeatures", batch, [...from, to, channels], x.size);
  else context.run("scaleChannels", batch * channels, [...from, to, channels, inner], x.size);
  return y;
}

export function batchNorm(
  context: Context,
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  epsilon: number,
): { y: Tensor; mean: Tensor; variance: Tensor; inverseDeviation: Tensor } {
  const extents = extentsOf(x.shape);
  if (extents.inner === 1) {
    const turned = turn(context, x);
    const result = batchNormOf(context, turned, weight, bias, epsilon, asPixels(extents));
    const y = turnBack(context, result.y, x.shape);
    turned.dispose();
    result.y.dispose();
    return { ...result, y };
  }
  return batchNormOf(context, x, weight, bias, epsilon, extents);
}

function batchNormOf(
  context: Context,
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  epsilon: number,
  { batch, channels, inner }: Extents,
): { y: Tensor; mean: Tensor; variance: Tensor; inverseDeviation: Tensor } {
  const [from, w, b] = [x, weight, bias].map((tensor) => pointerOf(context, tensor, "batchNorm"));
  const y = context.make(x.shape);
  const mean = context.make([channels]);
  const variance = context.make([channels]);
  const inverseDeviation = context.make([channels]);
  const [to, ...statistics] = [y, mean, variance, inverseDeviation].map((tensor) =>
    pointerOf(context, tensor, "batchNorm"),
  );
  const rows = batch * channels;
  withBlock(context, 16 * rows + 16 * channels, (partial) => {
    const first = partial + 16 * rows; // [C]
    const coefficients = first + 4 * channels; // [C, 3]
    context.run("firstMeans", channels, [from, first, inner], channels * inner);
    context.run("batchNormSums", rows, [from, first, partial, channels, inner], x.size * 2);
    const sums = [partial, first, w, b, ...statistics, coefficients, batch, channels, inner, epsilon];
    context.run("batchNormStatistics", channels, sums, rows);
    context.run("batchNormRows", rows, [from, coefficients, to, channels, inner], x.size);
  });
  return { y, mean, variance, inverseDeviation };
}

export function batchNormGradient(
  context: Context,
  dy: Tensor,
  x: Tensor,
  weight: Tensor,
  mean: Tensor,
  inverseDeviation: Tensor,
): { dx: Tensor; dweight: Tensor; dbias: Tensor } {
  const name = "batchNormGradient";
  const run = (gradient: Tensor, from: Tensor, { batch, channels, inner }: Extents) => {
    const inputs = [gradient, from, weight, mean, inverseDeviation];
    const [g, xs, w, m, deviation] = inputs.map((tensor) => pointerOf(context, tensor, name));
    const dx = context.make(from.shape);
    const dweight = context.make([channels]);
    const dbias = context.make([channels]);
    const [to, toWeight, toBias] = [dx, dweight, dbias].map((tensor) => pointerOf(context, tensor, name));
    const rows = batch * channels;
    withBlock(context, 24 * rows + 12 * channels, (partial) => {
      const coefficients = partial + 24 * rows; // [C, 3]
      context.run("batchNormGradientSums", rows, [g, xs, m, partial, channels, inner], from.size * 3);
      const sums = [partial, w, deviation, toWeight, toBias, coefficients, batch, channels, inner];
      context.run("batchNormGradientSum", channels, sums, rows);
      context.run("batchNormGradientRows", rows, [g, xs, m, coefficients, to, channels, inner], from.size * 2);
    });
    return { dx, dweight, dbias };
  };
  const extents = extentsOf(x.shape);
  if (extents.inner > 1) return run(dy, x, extents);
  const [turnedGradient, turned] = [turn(context, dy), turn(context, x)];
  const result = run(turnedGradient, turned, asPixels(extents));
  const dx = turnBack(context, result.dx, x.shape);
  for (const tensor of [turnedGradient, turned, result.dx]) tensor.dispose();
  return { ...result, dx };
}

/** [B, C, 1…] → [C, B] */
function turn(context: Context, x: Tensor): Tensor {
  const flat = x.reshape([x.shape[0], x.shape[1]]);
  const turned = permute(context, flat, [1, 0]);
  flat.dispose();
  return turned;
}

/** [C, B] → [B, C, 1…] */
function turnBack(context: Context, x: Tensor, shape: Shape): Tensor {
  const turned = permute(context, x, [1, 0]);
  const shaped = turned.reshape(shape);
  turned.dispose();
  return shaped;
}

function asPixels({ batch, channels }: Extents): Extents {
  return { batch: 1, channels, inner: batch };
}
