/** ResNet by loops over numbers, float64: what its layers say, without a tensor. */
import type { ResNetSpecification } from "../../src/nn/index.js";

/** Images or maps: [B, C, H, W], row-major. */
export interface Maps {
  readonly shape: readonly [batch: number, channels: number, height: number, width: number];
  readonly values: readonly number[];
}

export interface Weights {
  shape(name: string): readonly number[];
  values(name: string): ArrayLike<number>;
  has(name: string): boolean;
}

/** The cell at a place of the map, `outside` beyond its edges. */
function cell(
  { shape: [, C, H, W], values }: Maps,
  b: number,
  c: number,
  y: number,
  x: number,
  outside: number,
): number {
  return y < 0 || y >= H || x < 0 || x >= W ? outside : values[((b * C + c) * H + y) * W + x];
}

/** A map of windows that begin at multiples of the stride, less the padding: one more window as long as its middle is inside. */
function windows(
  { shape: [B, , H, W] }: Maps,
  channels: number,
  stride: number,
  at: (b: number, o: number, y: number, x: number) => number,
): Maps {
  const [height, width] = [Math.ceil(H / stride), Math.ceil(W / stride)];
  const values: number[] = [];
  for (let b = 0; b < B; b++)
    for (let o = 0; o < channels; o++)
      for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) values.push(at(b, o, y * stride, x * stride));
  return { shape: [B, channels, height, width], values };
}

/** Windows are centred on the cells they begin with; outside is 0. */
function conv(input: Maps, weights: Weights, name: string, stride: number): Maps {
  const [out, channels, kernel] = weights.shape(`${name}.weight`);
  const w = weights.values(`${name}.weight`);
  const half = (kernel - 1) / 2;
  return windows(input, out, stride, (b, o, y, x) => {
    let total = 0;
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < kernel; i++)
        for (let j = 0; j < kernel; j++)
          total += w[((o * channels + c) * kernel + i) * kernel + j] * cell(input, b, c, y + i - half, x + j - half, 0);
    return total;
  });
}

function norm(input: Maps, weights: Weights, name: string, training: boolean): Maps {
  const { shape, values } = input;
  const [B, C, H, W] = shape;
  const of = (part: string): ArrayLike<number> => weights.values(`${name}.${part}`);
  const statistics = Array.from({ length: C }, (_, c): readonly [mean: number, variance: number] => {
    if (!training) return [of("running_mean")[c], of("running_var")[c]];
    const own = values.filter((_, at) => Math.floor(at / (H * W)) % C === c);
    const mean = own.reduce((sum, v) => sum + v, 0) / (B * H * W);
    return [mean, own.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (B * H * W)];
  });
  const normalised = values.map((value, at) => {
    const c = Math.floor(at / (H * W)) % C;
    const [mean, variance] = statistics[c];
    return ((value - mean) / Math.sqrt(variance + 1e-5)) * of("weight")[c] + of("bias")[c];
  });
  return { shape, values: normalised };
}

const relu = ({ shape, values }: Maps): Maps => ({ shape, values: values.map((value) => Math.max(value, 0)) });

function maxPool(input: Maps): Maps {
  return windows(input, input.shape[1], 2, (b, c, y, x) => {
    const near = [-1, 0, 1].flatMap((i) => [-1, 0, 1].map((j) => cell(input, b, c, y + i, x + j, -Infinity)));
    return Math.max(...near);
  });
}

/** What is added to the branch. */
export function plainShortcut(input: Maps, weights: Weights, at: string, stride: number, training: boolean): Maps {
  if (!weights.has(`${at}downsample.0.weight`)) return input;
  return norm(conv(input, weights, `${at}downsample.0`, stride), weights, `${at}downsample.1`, training);
}

/** One block, whose names begin with `at`: with two convolutions or three, of which the first of three cells a side carries the stride. */
export function plainBlock(input: Maps, weights: Weights, at: string, stride: number, training: boolean): Maps {
  const bottleneck = weights.has(`${at}conv3.weight`);
  const strides = bottleneck ? [1, stride, 1] : [stride, 1];
  let branch = input;
  for (const [layer, own] of strides.entries()) {
    branch = norm(conv(branch, weights, `${at}conv${layer + 1}`, own), weights, `${at}bn${layer + 1}`, training);
    if (layer < strides.length - 1) branch = relu(branch);
  }
  const shortcut = plainShortcut(input, weights, at, stride, training);
  return relu({ shape: branch.shape, values: branch.values.map((value, i) => value + shortcut.values[i]) });
}

export function plainResnet(
  images: Maps,
  { stem, blocks, strides }: ResNetSpecification,
  weights: Weights,
  training: boolean,
): Maps {
  let x = relu(norm(conv(images, weights, "conv1", stem.stride), weights, "bn1", training));
  if (stem.pool) x = maxPool(x);
  for (const [stage, count] of blocks.entries())
    for (let block = 0; block < count; block++)
      x = plainBlock(x, weights, `layer${stage + 1}.${block}.`, block === 0 ? strides[stage] : 1, training);
  return x;
}
