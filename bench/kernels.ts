/** Matrix product and the three directions of a convolution, in GFLOP/s. */
import { stream } from "../src/tensor/random.js";
import type { Conv2dGeometry, Engine } from "../src/tensor/engine.js";
import { sizeOf, type Shape } from "../src/tensor/shape.js";
import type { Tensor } from "../src/tensor/tensor.js";
import { measure, type Measurement } from "./measure.js";

export interface Row extends Measurement {
  readonly work: string;
  readonly engine: string;
  /** Floating-point operations of a call; 0 where the time itself is the result. */
  readonly operations: number;
}

export function random(engine: Engine, shape: Shape, name: string): Tensor {
  const values = stream("bench", name);
  return engine.tensor(
    Float32Array.from({ length: sizeOf(shape) }, () => values.uniform() - 0.5),
    shape,
  );
}

export function matmulRow(engine: Engine, n: number): Row {
  const a = random(engine, [n, n], "a");
  const b = random(engine, [n, n], "b");
  const work = `matmul ${n}`;
  const result = measure(work, () => engine.matmul(a, b, false, false).dispose());
  a.dispose();
  b.dispose();
  return { work, engine: engine.name, operations: 2 * n ** 3, ...result };
}

const geometry: Conv2dGeometry = { kernel: [3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 };

/** 3×3, stride 1, padding 1: x [B, C, S, S], w [O, C, 3, 3]. */
export function convolutionRows(engine: Engine, batch: number, channels: number, out: number, side: number): Row[] {
  const x = random(engine, [batch, channels, side, side], "x");
  const w = random(engine, [out, channels, 3, 3], "w");
  const dy = random(engine, [batch, out, side, side], "dy");
  const directions: [string, () => Tensor][] = [
    ["forward", () => engine.conv2d(x, w, geometry)],
    ["input gradient", () => engine.conv2dInputGradient(dy, w, geometry, x.shape)],
    ["weight gradient", () => engine.conv2dWeightGradient(x, dy, geometry, w.shape)],
  ];
  const operations = 2 * batch * out * side * side * channels * 9;
  const rows = directions.map(([direction, run]) => {
    const work = `conv ${batch}x${channels}x${side}x${side}, 3x3, ${out} out, ${direction}`;
    return { work, engine: engine.name, operations, ...measure(work, () => run().dispose()) };
  });
  for (const tensor of [x, w, dy]) tensor.dispose();
  return rows;
}
