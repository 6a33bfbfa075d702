/**
 * Convolution, pooling and normalisation of the GPU engine against their definitions in float64.
 *
 * What an element may be off follows from the arithmetic that WebGPU promises: n·u·Σ|a·b| for a sum of n products, nothing at all for a maximum
 * (`RoundoffEngine`). Its kernels are those of the same contract.
 */
import assert from "node:assert/strict";
import { it } from "node:test";
import type { Conv2dGeometry, Engine, Window2d } from "../../../../src/tensor/engine.js";
import type { GpuEngine } from "../../../../src/tensor/engines/gpu/gpuEngine.js";
import { ReferenceEngine } from "../../../../src/tensor/engines/reference/index.js";
import { RoundoffEngine, WGSL } from "../../../../src/tensor/engines/roundoff/index.js";
import { stream } from "../../../../src/tensor/random.js";
import { sizeOf, type Shape } from "../../../../src/tensor/shape.js";
import type { Tensor } from "../../../../src/tensor/tensor.js";
import { inEveryMode } from "./inEveryMode.js";

type Computation = (engine: Engine) => Readonly<Record<string, Tensor>>;

/** Exact values, and how far a float32 engine may be from each. */
interface Expected {
  readonly shape: Shape;
  readonly values: ArrayLike<number>;
  readonly allowed: ArrayLike<number>;
}

/** The same for every mode, so worked out once. */
const known = new Map<string, ReadonlyMap<string, Expected>>();

function expectedOf(name: string, compute: Computation): ReadonlyMap<string, Expected> {
  const before = known.get(name);
  if (before) return before;
  const exact = new ReferenceEngine("float64");
  const bounded = new RoundoffEngine(WGSL);
  const bounds = compute(bounded);
  const expected = new Map(
    Object.entries(compute(exact)).map(([part, tensor]) => [
      part,
      { shape: tensor.shape, values: tensor.dataSync(), allowed: bounded.errorOf(bounds[part]) },
    ]),
  );
  known.set(name, expected);
  return expected;
}

/** Declares a test: every tensor of the computation has its exact value, but for what is allowed. */
function agrees(engine: () => Engine, name: string, compute: Computation): void {
  it(name, async () => {
    const expected = expectedOf(name, compute);
    const actual = engine().scope(() => compute(engine()));
    assert.deepEqual(Object.keys(actual).sort(), [...expected.keys()].sort());
    for (const [part, { shape, values, allowed }] of expected) {
      using tensor = actual[part];
      assert.deepEqual(tensor.shape, shape, `${part}: shape`);
      const given = await tensor.data();
      assert.equal(given.length, values.length, `${part}: number of elements`);
      for (let i = 0; i < given.length; i++) {
        const same = Object.is(given[i], values[i]) || Math.abs(given[i] - values[i]) <= allowed[i];
        assert.ok(same, `${part}[${i}] is ${given[i]}, should be ${values[i]} ± ${allowed[i]}`);
      }
    }
  });
}

/** Numbers of [−1, 1) that float32 holds exactly; those of one name and shape are always the same. */
function drawn(engine: Engine, name: string, shape: Shape): Tensor {
  const random = stream("images", name, shape.join("x"));
  return engine.tensor(
    Float32Array.from({ length: sizeOf(shape) }, () => 2 * random.uniform() - 1),
    shape,
  );
}

function both(value: number): readonly [number, number] {
  return [value, value];
}

function windowOf(kernel: readonly [number, number], rest: Partial<Window2d> = {}): Window2d {
  return { kernel, stride: both(1), padding: both(0), dilation: both(1), ...rest };
}

/** ⌊(extent + 2 · padding − span) / stride⌋ + 1 in both directions, span being dilation · (kernel − 1) + 1 */
function extentsAfter([, , ...extents]: Shape, { kernel, stride, padding, dilation }: Window2d): number[] {
  return extents.map(
    (extent, i) => Math.floor((extent + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1) / stride[i]) + 1,
  );
}

interface Convolution {
  readonly name: string;
  readonly x: Shape;
  readonly filters: number;
  readonly window: Window2d;
  readonly groups?: number;
}

const CONVOLUTIONS: readonly Convolution[] = [
  { name: "1×1", x: [2, 3, 5, 7], filters: 4, window: windowOf([1, 1]) },
  { name: "1×1 of single pixels", x: [2, 3, 1, 1], filters: 4, window: windowOf([1, 1]) },
  { name: "1×1, stride 2", x: [2, 3, 6, 10], filters: 4, window: windowOf([1, 1], { stride: both(2) }) },
  { name: "3×3, rows of fours", x: [2, 3, 6, 8], filters: 4, window: windowOf([3, 3], { padding: both(1) }) },
  { name: "3×3, rows cut to size", x: [2, 2, 7, 7], filters: 3, window: windowOf([3, 3], { padding: both(1) }) },
  { name: "3×3, rows of ones", x: [2, 2, 4, 5], filters: 3, window: windowOf([3, 3], { padding: both(1) }) },
  { name: "3×3 that leaves one pixel", x: [1, 3, 3, 3], filters: 4, window: windowOf([3, 3]) },
  {
    name: "3×3, stride 2",
    x: [2, 4, 7, 8],
    filters: 4,
    window: windowOf([3, 3], { stride: both(2), padding: both(1) }),
  },
  {
    name: "3×3, stride 2, a border unseen",
    x: [4, 2, 6, 6],
    filters: 3,
    window: windowOf([3, 3], { stride: both(2) }),
  },
  { name: "stride beyond the kernel", x: [1, 3, 9, 9], filters: 4, window: windowOf([2, 2], { stride: both(3) }) },
  { name: "patches", x: [1, 3, 8, 8], filters: 4, window: windowOf([4, 4], { stride: both(4) }) },
  {
    name: "7×7, stride 2, padding 3",
    x: [1, 3, 14, 14],
    filters: 5,
    window: windowOf([7, 7], { stride: both(2), padding: both(3) }),
  },
  {
    name: "dilation 2, two groups",
    x: [2, 4, 8, 7],
    filters: 6,
    window: windowOf([3, 3], { padding: both(2), dilation: both(2) }),
    groups: 2,
  },
  {
    name: "stride and dilation by direction, two groups",
    x: [2, 4, 8, 7],
    filters: 6,
    window: { kernel: [3, 3], stride: [2, 1], padding: [2, 1], dilation: [2, 1] },
    groups: 2,
  },
  {
    name: "5×2, padding by direction",
    x: [1, 2, 9, 6],
    filters: 3,
    window: { kernel: [5, 2], stride: [1, 2], padding: [3, 0], dilation: [1, 2] },
  },
  { name: "padding beyond the kernel", x: [1, 2, 5, 5], filters: 2, window: windowOf([3, 3], { padding: [4, 5] }) },
  {
    name: "depthwise",
    x: [3, 6, 6, 6],
    filters: 6,
    window: windowOf([3, 3], { padding: both(1) }),
    groups: 6,
  },
  {
    name: "depthwise, two filters a channel, stride 2",
    x: [3, 6, 6, 6],
    filters: 12,
    window: windowOf([3, 3], { stride: both(2), padding: both(1) }),
    groups: 6,
  },
  { name: "images in several parts", x: [71, 1, 12, 12], filters: 2, window: windowOf([3, 3], { padding: both(1) }) },
  { name: "no images", x: [0, 2, 4, 5], filters: 3, window: windowOf([3, 3], { padding: both(1) }) },
  { name: "no channels", x: [2, 0, 4, 5], filters: 3, window: windowOf([3, 3], { padding: both(1) }) },
  { name: "no filters", x: [2, 2, 9, 5], filters: 0, window: windowOf([3, 3], { stride: both(2), padding: both(1) }) },
];

function convolution({ x: shape, filters, window, groups = 1 }: Convolution): Computation {
  const geometry: Conv2dGeometry = { ...window, groups };
  const [images, channels] = shape;
  return (engine) => {
    const x = drawn(engine, "x", shape);
    const w = drawn(engine, "w", [filters, channels / groups, ...window.kernel]);
    const dy = drawn(engine, "dy", [images, filters, ...extentsAfter(shape, window)]);
    return {
      y: engine.conv2d(x, w, geometry),
      dx: engine.conv2dInputGradient(dy, w, geometry, x.shape),
      dw: engine.conv2dWeightGradient(x, dy, geometry, w.shape),
    };
  };
}

inEveryMode("conv2d and its derivatives", (engine) => {
  for (const sample of CONVOLUTIONS) agrees(engine, sample.name, convolution(sample));

  it("lose no more of a gradient than sums of rows, of images and of parts do one after another", async () => {
    const [images, side] = [64, 24];
    const geometry = { ...windowOf([1, 1]), groups: 1 };
    const shape = [images, 1, side, side];
    using dw = engine().scope(() =>
      engine().conv2dWeightGradient(engine().full(shape, 1), engine().full(shape, 0.1), geometry, [1, 1, 1, 1]),
    );
    const exact = Math.fround(0.1) * sizeOf(shape);
    const [value] = await dw.data();
    const unit = 2 ** -24 * (1 + 1e-4); // with room for terms of second order
    const off = Math.abs(value - exact);
    assert.ok(off <= (side + side + images) * unit * exact, `${value}, should be ${exact}`);
  });
});

const POOLS: readonly (readonly [name: string, x: Shape, window: Window2d])[] = [
  ["2×2", [2, 3, 6, 8], windowOf([2, 2], { stride: both(2) })],
  ["3×3, stride 2, padding 1", [2, 3, 7, 8], windowOf([3, 3], { stride: both(2), padding: both(1) })],
  ["3×2, stride and padding by direction", [2, 3, 7, 8], { ...windowOf([3, 2]), stride: [1, 3], padding: [1, 1] }],
  ["dilation 2 and 3", [1, 1, 7, 9], windowOf([3, 3], { padding: [0, 1], dilation: [2, 3] })],
  ["the whole image", [1, 2, 5, 6], windowOf([5, 6])],
  ["no images", [0, 2, 5, 6], windowOf([2, 2])],
];

function pooling(x: (engine: Engine) => Tensor, window: Window2d): Computation {
  return (engine) => {
    const images = x(engine);
    const [count, channels] = images.shape;
    const dy = drawn(engine, "dy", [count, channels, ...extentsAfter(images.shape, window)]);
    return {
      maximum: engine.maxPool2d(images, window),
      maximumGradient: engine.maxPool2dGradient(images, dy, window),
      average: engine.averagePool2d(images, window),
      averageGradient: engine.averagePool2dGradient(dy, window, images.shape),
    };
  };
}

inEveryMode("pooling and its derivatives", (engine) => {
  for (const [name, shape, window] of POOLS) {
    agrees(
      engine,
      `pooling, ${name}`,
      pooling((on) => drawn(on, "x", shape), window),
    );
  }

  const framed = windowOf([2, 2], { padding: both(1) });
  const maximum = (x: readonly number[]): Computation => {
    return (on) => {
      const { maximum: y, maximumGradient: dx } = pooling((e) => e.tensor(x, [1, 1, 4, 4]), framed)(on);
      return { y, dx };
    };
  };
  agrees(engine, "the first of equal maxima wins", maximum([1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2]));
  agrees(engine, "padding is below any number", maximum(new Array<number>(16).fill(-1e30)));
  agrees(engine, "padding is not above −∞", maximum(new Array<number>(16).fill(-Infinity)));
  agrees(engine, "a NaN counts as largest", maximum([1, NaN, 0, 1, 1, 1, 0, 0, 0, 1, 1, NaN, -Infinity, 2, 2, 2]));
});

/** Features, rows, images, one pixel, a channel of more than 128 pixels (reduced in two stages), many images. */
const SHAPES: readonly Shape[] = [
  [4, 6],
  [3, 4, 5, 7],
  [2, 3, 300],
  [1, 3, 1, 1],
  [300, 3],
];

/** Statistics are given: any would do, and those of so few numbers lie close to a pole. */
function statistics(on: Engine, count: number): readonly [mean: Tensor, inverseDeviation: Tensor] {
  return [drawn(on, "mean", [count]), on.affine(drawn(on, "inverse deviation", [count]), 0.5, 2)];
}

inEveryMode("channels and rows", (engine) => {
  for (const shape of SHAPES) {
    const [channels, columns] = [shape[1], shape.at(-1)!];
    const rows = sizeOf(shape) / columns;
    const named = (on: Engine, name: string): Tensor => drawn(on, name, shape);
    const [size, slopes] = [shape.join("×"), [1, channels]];

    agrees(engine, `batchNorm of ${size}`, (on) => ({
      ...on.batchNorm(named(on, "x"), drawn(on, "weight", [channels]), drawn(on, "bias", [channels]), 1e-3),
    }));
    agrees(engine, `batchNormGradient of ${size}`, (on) => {
      const weight = drawn(on, "weight", [channels]);
      return on.batchNormGradient(named(on, "dy"), named(on, "x"), weight, ...statistics(on, channels));
    });
    agrees(engine, `scaleChannels of ${size}`, (on) => ({
      y: on.scaleChannels(named(on, "x"), drawn(on, "scale", [channels]), drawn(on, "shift", [channels])),
    }));
    agrees(engine, `layerNorm of ${size}`, (on) => ({
      ...on.layerNorm(named(on, "x"), drawn(on, "weight", [columns]), drawn(on, "bias", [columns]), 1e-3),
    }));
    agrees(engine, `layerNormGradient of ${size}`, (on) => {
      const weight = drawn(on, "weight", [columns]);
      return on.layerNormGradient(named(on, "dy"), named(on, "x"), weight, ...statistics(on, rows));
    });
    for (const count of slopes) {
      agrees(engine, `prelu of ${size} with ${count} slopes`, (on) => {
        const [x, slope] = [named(on, "x"), drawn(on, "slope", [count])];
        return { y: on.prelu(x, slope), ...on.preluGradient(x, slope, named(on, "dy")) };
      });
    }
  }

  agrees(engine, "prelu of a vector", (on) => {
    const [x, slope] = [drawn(on, "x", [9]), drawn(on, "slope", [1])];
    return { y: on.prelu(x, slope), ...on.preluGradient(x, slope, drawn(on, "dy", [9])) };
  });

  agrees(engine, "statistics of numbers far from 0", (on) => {
    const x = on.affine(on.unary("sign", drawn(on, "x", [4, 2, 8, 8])), 1, 1000); // 999 and 1001: exact sums
    return { ...on.batchNorm(x, on.full([2], 1), on.full([2], 0), 1e-3) };
  });

  it("nothing in, nothing out", async () => {
    const compute = (on: GpuEngine): Tensor[] => {
      const [weight, bias] = [on.full([3], 1), on.full([3], 0)];
      return [
        on.batchNorm(on.full([0, 3, 2, 2], 1), weight, bias, 1).y,
        on.layerNorm(on.full([0, 3], 1), weight, bias, 1).y,
        on.prelu(on.full([0, 3], 1), weight),
      ];
    };
    for (const y of engine().scope(() => compute(engine()))) {
      assert.equal((await y.data()).length, 0);
      y.dispose();
    }
  });
});
