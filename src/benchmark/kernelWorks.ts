/** The kernels that a training step is made of, at the sizes that the documentation quotes, with what each cannot help doing. */
import type { Conv2dGeometry, Engine } from "../tensor/engine.js";
import { hashUniform, stream } from "../tensor/random.js";
import { sizeOf, type Shape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Work } from "./work.js";

export interface KernelWorks {
  readonly works: Work[];
  readonly dispose: () => void;
}

/** Numbers of [−0.5, 0.5), the same for the same name. */
export function randomTensor(engine: Engine, shape: Shape, name: string): Tensor {
  const key = stream("benchmark", name).key();
  return engine.tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => hashUniform(key, i, 0) - 0.5),
    shape,
  );
}

/**
 * Products, convolutions, rows and channels, and the cost of an operation that has nothing to do: those whose name contains one of the
 * words, all where none is given. @throws Error if no name does
 */
export function kernelWorks(engine: Engine, variant: string, words: readonly string[] = []): KernelWorks {
  const groups = [
    matmulWorks(engine, variant, 512),
    matmulWorks(engine, variant, 1024),
    convolutionWorks(engine, variant, { batch: 32, channels: 64, out: 64, side: 28 }),
    batchNormWorks(engine, variant, [64, 32, 32, 32]),
    softmaxWorks(engine, variant, [128, 10_000]),
    smallWorks(engine, variant),
  ];
  const dispose = (): void => {
    for (const group of groups) group.dispose();
  };
  const all = groups.flatMap(({ works }) => works);
  const works = all.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
  if (works.length > 0) return { works, dispose };
  dispose();
  throw new Error(
    `no kernel has ${words.join(" or ")} in its name; there are ${all.map(({ name }) => name).join("; ")}.`,
  );
}

/** [n, n] · [n, n] */
export function matmulWorks(engine: Engine, variant: string, n: number): KernelWorks {
  const a = randomTensor(engine, [n, n], "a");
  const b = randomTensor(engine, [n, n], "b");
  const run = (): void => engine.matmul(a, b, false, false).dispose();
  const cost = { operations: 2 * n ** 3, bytes: 3 * 4 * n * n };
  return group(engine, variant, [a, b], [{ name: `matmul ${n}`, ...cost, run }]);
}

export interface ConvolutionSize {
  readonly batch: number;
  readonly channels: number;
  readonly out: number;
  readonly side: number;
}

const geometry: Conv2dGeometry = { kernel: [3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 };

/** The three directions of 3×3, stride 1, padding 1: x [B, C, S, S], w [O, C, 3, 3]. */
export function convolutionWorks(engine: Engine, variant: string, size: ConvolutionSize): KernelWorks {
  const { batch, channels, out, side } = size;
  const x = randomTensor(engine, [batch, channels, side, side], "x");
  const w = randomTensor(engine, [out, channels, 3, 3], "w");
  const dy = randomTensor(engine, [batch, out, side, side], "dy");
  const operations = 2 * batch * out * side * side * channels * 9;
  const bytes = 4 * (x.size + w.size + dy.size);
  const title = `conv ${batch}x${channels}x${side}x${side}, 3x3, ${out} out`;
  const directions: readonly (readonly [string, () => Tensor])[] = [
    ["forward", () => engine.conv2d(x, w, geometry)],
    ["input gradient", () => engine.conv2dInputGradient(dy, w, geometry, x.shape)],
    ["weight gradient", () => engine.conv2dWeightGradient(x, dy, geometry, w.shape)],
  ];
  const works = directions.map(([direction, compute]) => {
    return { name: `${title}: ${direction}`, operations, bytes, run: () => compute().dispose() };
  });
  return group(engine, variant, [x, w, dy], works);
}

/** Bytes: x read and y written; x and dy read and dx written. */
function batchNormWorks(
  engine: Engine,
  variant: string,
  shape: readonly [number, number, number, number],
): KernelWorks {
  const x = randomTensor(engine, shape, "x");
  const dy = randomTensor(engine, shape, "dy");
  const weight = engine.full([shape[1]], 1);
  const bias = engine.full([shape[1]], 0);
  const { mean, inverseDeviation, ...others } = engine.batchNorm(x, weight, bias, 1e-5);
  disposeAll(others);
  const forward = (): void => disposeAll(engine.batchNorm(x, weight, bias, 1e-5));
  const backward = (): void => disposeAll(engine.batchNormGradient(dy, x, weight, mean, inverseDeviation));
  const title = `batch norm ${shape.join("x")}`;
  return group(
    engine,
    variant,
    [x, dy, weight, bias, mean, inverseDeviation],
    [
      { name: `${title}: forward`, bytes: 2 * 4 * x.size, run: forward },
      { name: `${title}: backward`, bytes: 3 * 4 * x.size, run: backward },
    ],
  );
}

function softmaxWorks(engine: Engine, variant: string, shape: readonly [number, number]): KernelWorks {
  const x = randomTensor(engine, shape, "x");
  const run = (): void => engine.softmaxRows(x).dispose();
  return group(engine, variant, [x], [{ name: `softmax ${shape.join("x")}`, bytes: 2 * 4 * x.size, run }]);
}

/** What an operation costs beside its arithmetic: a tensor, a scope's list, a call into wasm. */
function smallWorks(engine: Engine, variant: string): KernelWorks {
  const x = randomTensor(engine, [4], "x");
  const run = (): void => engine.affine(x, 2, 1).dispose();
  return group(engine, variant, [x], [{ name: "small operation: 2x + 1 of four numbers", run }]);
}

function group(
  engine: Engine,
  variant: string,
  tensors: readonly Tensor[],
  works: readonly Omit<Work, "variant" | "engine">[],
): KernelWorks {
  return {
    works: works.map((work) => ({ ...work, variant, engine: engine.name })),
    dispose: () => {
      for (const tensor of tensors) tensor.dispose();
    },
  };
}

function disposeAll(tensors: Readonly<Record<string, Tensor>>): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}
