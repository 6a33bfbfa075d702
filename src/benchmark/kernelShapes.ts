/**
 * The shapes of `pfc bench kernels`: three sets, because what a GPU does in a millisecond a driver in software does in a minute.
 *
 * "standard" is what the documentation quotes of the wasm engine. A GPU engine is asked first how fast it multiplies; the shapes stand in the
 * name of every row.
 */
import type { Engine } from "../tensor/engine.js";
import { randomTensor } from "./randomTensor.js";

export interface ConvolutionSize {
  readonly batch: number;
  readonly channels: number;
  readonly out: number;
  readonly side: number;
}

export interface KernelShapes {
  /** n of [n, n] · [n, n] */
  readonly matmul: readonly number[];
  /** 3×3, stride 1, padding 1 */
  readonly convolution: ConvolutionSize;
  readonly batchNorm: readonly [batch: number, channels: number, height: number, width: number];
  readonly softmax: readonly [rows: number, columns: number];
}

/** From the smallest on. */
export const SHAPE_SETS = ["small", "standard", "large"] as const;
export type ShapeSet = (typeof SHAPE_SETS)[number];

export const KERNEL_SHAPES: Readonly<Record<ShapeSet, KernelShapes>> = {
  small: {
    matmul: [128, 256],
    convolution: { batch: 4, channels: 32, out: 32, side: 14 },
    batchNorm: [16, 32, 16, 16],
    softmax: [32, 1000],
  },
  standard: {
    matmul: [512, 1024],
    convolution: { batch: 32, channels: 64, out: 64, side: 28 },
    batchNorm: [64, 32, 32, 32],
    softmax: [128, 10_000],
  },
  large: {
    matmul: [1024, 4096],
    convolution: { batch: 32, channels: 128, out: 128, side: 56 },
    batchNorm: [128, 64, 56, 56],
    softmax: [256, 100_000],
  },
};

/** Operations a second from which a round of a set takes a second or less. */
const FAST_ENOUGH = { standard: 5e9, large: 200e9 };

/** The largest set whose calls are short on this engine. Only GPU engines are asked; on others it is the one that is quoted. */
export async function fittingShapes(engine: Engine, rateOf = matmulRate): Promise<ShapeSet> {
  if (engine.kind !== "gpu") return "standard";
  if ((await rateOf(engine, 128)) < FAST_ENOUGH.standard) return "small";
  return (await rateOf(engine, 1024)) < FAST_ENOUGH.large ? "standard" : "large";
}

/** Operations a second of [n, n] · [n, n], the best of three; a call before them compiles the kernel. */
async function matmulRate(engine: Engine, n: number): Promise<number> {
  using a = randomTensor(engine, [n, n], "a");
  using b = randomTensor(engine, [n, n], "b");
  let best = Infinity;
  for (let call = 0; call < 4; call++) {
    await engine.ready();
    const started = performance.now();
    engine.matmul(a, b, false, false).dispose();
    await engine.ready();
    if (call > 0) best = Math.min(best, performance.now() - started);
  }
  return (2 * n ** 3) / (best / 1e3);
}
