/** The kernels that a training step is made of, at the sizes that the documentation quotes, with what each cannot help doing. */
import type { Conv2dGeometry, Engine } from "../tensor/engine.js";
import type { Tensor } from "../tensor/tensor.js";
import type { KernelGroup } from "./kernelGroup.js";
import { KERNEL_SHAPES, type ConvolutionSize, type ShapeSet } from "./kernelShapes.js";
import { overheadGroups } from "./overheadWorks.js";
import { randomTensor } from "./randomTensor.js";
import type { Work } from "./work.js";

export interface KernelWorks {
  readonly works: Work[];
  readonly dispose: () => void;
}

export interface KernelChoice {
  /** Only works whose name contains one of these; default: all. */
  readonly words?: readonly string[];
  /** Default "standard". */
  readonly shapes?: ShapeSet;
}

/** Products, convolutions, rows and channels, and what an operation costs that has nothing to do. @throws Error if no name has one of the words */
export function kernelWorks(
  engine: Engine,
  variant: string,
  { words = [], shapes = "standard" }: KernelChoice = {},
): KernelWorks {
  const { matmul, convolution, batchNorm, softmax } = KERNEL_SHAPES[shapes];
  const groups = [
    ...matmul.map((n) => matmulGroup(engine, n)),
    convolutionGroup(engine, convolution),
    batchNormGroup(engine, batchNorm),
    softmaxGroup(engine, softmax),
    ...overheadGroups(engine),
  ];
  const asked = (name: string): boolean => words.length === 0 || words.some((word) => name.includes(word));
  const opened = groups.filter(({ names }) => names.some(asked)).map((group) => group.open());
  if (opened.length === 0) {
    const names = groups.flatMap((group) => group.names).join("; ");
    throw new Error(`no kernel has ${words.join(" or ")} in its name; there are ${names}.`);
  }
  const common = { variant, engine: engine.name, settings: { shapes }, settle: async () => engine.ready() };
  return {
    works: opened.flatMap(({ works }) =>
      works.filter(({ name }) => asked(name)).map((work) => ({ ...common, ...work })),
    ),
    dispose: () => {
      for (const group of opened) group.dispose();
    },
  };
}

/** [n, n] · [n, n] */
function matmulGroup(engine: Engine, n: number): KernelGroup {
  const name = `matmul ${n}`;
  return {
    names: [name],
    open: () => {
      const a = randomTensor(engine, [n, n], "a");
      const b = randomTensor(engine, [n, n], "b");
      const run = (): void => engine.matmul(a, b, false, false).dispose();
      const cost = { operations: 2 * n ** 3, bytes: 3 * 4 * n * n };
      return { works: [{ name, ...cost, run }], dispose: disposing([a, b]) };
    },
  };
}

const geometry: Conv2dGeometry = { kernel: [3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 };

/** The three directions of 3×3, stride 1, padding 1: x [B, C, S, S], w [O, C, 3, 3]. */
function convolutionGroup(engine: Engine, { batch, channels, out, side }: ConvolutionSize): KernelGroup {
  const title = `conv ${batch}x${channels}x${side}x${side}, 3x3, ${out} out`;
  const names = ["forward", "input gradient", "weight gradient"].map((direction) => `${title}: ${direction}`);
  return {
    names,
    open: () => {
      const x = randomTensor(engine, [batch, channels, side, side], "x");
      const w = randomTensor(engine, [out, channels, 3, 3], "w");
      const dy = randomTensor(engine, [batch, out, side, side], "dy");
      const operations = 2 * batch * out * side * side * channels * 9;
      const bytes = 4 * (x.size + w.size + dy.size);
      const directions: readonly (() => Tensor)[] = [
        () => engine.conv2d(x, w, geometry),
        () => engine.conv2dInputGradient(dy, w, geometry, x.shape),
        () => engine.conv2dWeightGradient(x, dy, geometry, w.shape),
      ];
      const works = directions.map((compute, i) => {
        return { name: names[i], operations, bytes, run: () => compute().dispose() };
      });
      return { works, dispose: disposing([x, w, dy]) };
    },
  };
}

/** Bytes: x read and y written; x and dy read and dx written. */
function batchNormGroup(engine: Engine, shape: readonly [number, number, number, number]): KernelGroup {
  const names = ["forward", "backward"].map((direction) => `batch norm ${shape.join("x")}: ${direction}`);
  return {
    names,
    open: () => {
      const x = randomTensor(engine, shape, "x");
      const dy = randomTensor(engine, shape, "dy");
      const weight = engine.full([shape[1]], 1);
      const bias = engine.full([shape[1]], 0);
      const { mean, inverseDeviation, ...others } = engine.batchNorm(x, weight, bias, 1e-5);
      disposeAll(others);
      const forward = (): void => disposeAll(engine.batchNorm(x, weight, bias, 1e-5));
      const backward = (): void => disposeAll(engine.batchNormGradient(dy, x, weight, mean, inverseDeviation));
      return {
        works: [
          { name: names[0], bytes: 2 * 4 * x.size, run: forward },
          { name: names[1], bytes: 3 * 4 * x.size, run: backward },
        ],
        dispose: disposing([x, dy, weight, bias, mean, inverseDeviation]),
      };
    },
  };
}

function softmaxGroup(engine: Engine, shape: readonly [number, number]): KernelGroup {
  const name = `softmax ${shape.join("x")}`;
  return {
    names: [name],
    open: () => {
      const x = randomTensor(engine, shape, "x");
      const run = (): void => engine.softmaxRows(x).dispose();
      return { works: [{ name, bytes: 2 * 4 * x.size, run }], dispose: disposing([x]) };
    },
  };
}

function disposing(tensors: readonly Tensor[]): () => void {
  return () => {
    for (const tensor of tensors) tensor.dispose();
  };
}

function disposeAll(tensors: Readonly<Record<string, Tensor>>): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}
