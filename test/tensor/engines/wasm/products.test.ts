/**
 * Matrix products and convolutions of the wasm engine, against their definitions as plain loops in float64.
 *
 * Tolerance: a sum of n products in float32, in any order, errs by at most n · ε/2 · Σ|aᵢbᵢ| to first order (Higham, "Accuracy and
 * Stability of Numerical Algorithms", section 3.1: n − 1 additions and a rounding of each product), with ε = 2^-23.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Conv2dGeometry } from "../../../../src/tensor/engine.js";
import { openEngine } from "../../../../src/tensor/openEngine.js";
import { stream, type Random } from "../../../../src/tensor/random.js";
import { sizeOf } from "../../../../src/tensor/shape.js";

type Engine = Awaited<ReturnType<typeof openEngine>>;

/** Rounding of one float32 operation, with room for the terms of second order. */
const UNIT = 2 ** -24 * (1 + 1e-5);

/** Sums in float64, with what the tolerance needs: the number of products and the sum of their absolute values. */
class Expected {
  readonly sum: Float64Array;
  private readonly absolute: Float64Array;
  private readonly terms: Int32Array;

  constructor(size: number) {
    this.sum = new Float64Array(size);
    this.absolute = new Float64Array(size);
    this.terms = new Int32Array(size);
  }

  add(index: number, product: number): void {
    this.sum[index] += product;
    this.absolute[index] += Math.abs(product);
    this.terms[index]++;
  }

  compare(actual: ArrayLike<number>, what: string): void {
    assert.equal(actual.length, this.sum.length, what);
    for (let i = 0; i < actual.length; i++) {
      const tolerance = this.terms[i] * UNIT * this.absolute[i];
      const error = Math.abs(actual[i] - this.sum[i]);
      // Written so that NaN fails.
      if (!(error <= tolerance)) {
        assert.fail(`${what}: element ${i} is ${actual[i]}, should be ${this.sum[i]} ± ${tolerance}`);
      }
    }
  }
}

function values(random: Random, size: number): Float32Array {
  return Float32Array.from({ length: size }, () => random.uniform() - 0.5);
}

function between(random: Random, low: number, high: number): number {
  return low + random.integer(high - low + 1);
}

function oneOf<T>(random: Random, choices: readonly T[]): T {
  return choices[random.integer(choices.length)];
}

interface Product {
  readonly g: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

function checkMatmul(engine: Engine, { g, m, k, n, transposeA, transposeB }: Product, random: Random): void {
  const a = values(random, g * m * k);
  const b = values(random, g * k * n);
  const expected = new Expected(g * m * n);
  for (let matrix = 0; matrix < g; matrix++) {
    for (let row = 0; row < m; row++) {
      for (let column = 0; column < n; column++) {
        for (let depth = 0; depth < k; depth++) {
          const left = a[matrix * m * k + (transposeA ? depth * m + row : row * k + depth)];
          const right = b[matrix * k * n + (transposeB ? column * k + depth : depth * n + column)];
          expected.add((matrix * m + row) * n + column, left * right);
        }
      }
    }
  }
  engine.scope(() => {
    const batch = g === 1 ? [] : [g];
    const left = engine.tensor(a, [...batch, ...(transposeA ? [k, m] : [m, k])]);
    const right = engine.tensor(b, [...batch, ...(transposeB ? [n, k] : [k, n])]);
    const y = engine.matmul(left, right, transposeA, transposeB);
    assert.deepEqual([...y.shape], [...batch, m, n]);
    expected.compare(y.dataSync(), `matmul ${JSON.stringify({ g, m, k, n, transposeA, transposeB })}`);
  });
}

interface Convolution {
  readonly inputShape: readonly [number, number, number, number];
  readonly weightShape: readonly [number, number, number, number];
  readonly geometry: Conv2dGeometry;
}

/** Extents of the output, or undefined where the kernel does not fit. */
function outputOf({ inputShape, geometry }: Convolution): [number, number] | undefined {
  const [height, width] = [0, 1].map((axis) => {
    const span = geometry.dilation[axis] * (geometry.kernel[axis] - 1) + 1;
    return Math.floor((inputShape[2 + axis] + 2 * geometry.padding[axis] - span) / geometry.stride[axis]) + 1;
  });
  return height < 1 || width < 1 ? undefined : [height, width];
}

/** The definition, once for all three directions: calls `visit` with the places of x, w and y for every product. */
function eachProduct(convolution: Convolution, visit: (x: number, w: number, y: number) => void): void {
  const [batch, channels, height, width] = convolution.inputShape;
  const [outputs, groupChannels, kh, kw] = convolution.weightShape;
  const { stride, padding, dilation, groups } = convolution.geometry;
  const [rows, columns] = outputOf(convolution)!;
  for (let b = 0; b < batch; b++) {
    for (let o = 0; o < outputs; o++) {
      const firstChannel = Math.floor(o / (outputs / groups)) * groupChannels;
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          for (let c = 0; c < groupChannels; c++) {
            for (let ky = 0; ky < kh; ky++) {
              const iy = row * stride[0] - padding[0] + ky * dilation[0];
              if (iy < 0 || iy >= height) continue;
              for (let kx = 0; kx < kw; kx++) {
                const ix = column * stride[1] - padding[1] + kx * dilation[1];
                if (ix < 0 || ix >= width) continue;
                visit(
                  ((b * channels + firstChannel + c) * height + iy) * width + ix,
                  ((o * groupChannels + c) * kh + ky) * kw + kx,
                  ((b * outputs + o) * rows + row) * columns + column,
                );
              }
            }
          }
        }
      }
    }
  }
}

function checkConvolution(engine: Engine, convolution: Convolution, random: Random): void {
  const { inputShape, weightShape, geometry } = convolution;
  const outputShape = [inputShape[0], weightShape[0], ...outputOf(convolution)!];
  const x = values(random, sizeOf(inputShape));
  const w = values(random, sizeOf(weightShape));
  const dy = values(random, sizeOf(outputShape));
  const y = new Expected(dy.length);
  const dx = new Expected(x.length);
  const dw = new Expected(w.length);
  eachProduct(convolution, (i, j, k) => {
    y.add(k, x[i] * w[j]);
    dx.add(i, dy[k] * w[j]);
    dw.add(j, dy[k] * x[i]);
  });
  const what = JSON.stringify(convolution);
  engine.scope(() => {
    const [input, weights] = [engine.tensor(x, inputShape), engine.tensor(w, weightShape)];
    const gradient = engine.tensor(dy, outputShape);
    y.compare(engine.conv2d(input, weights, geometry).dataSync(), `forward ${what}`);
    dx.compare(
      engine.conv2dInputGradient(gradient, weights, geometry, inputShape).dataSync(),
      `input gradient ${what}`,
    );
    dw.compare(
      engine.conv2dWeightGradient(input, gradient, geometry, weightShape).dataSync(),
      `weight gradient ${what}`,
    );
  });
}

/** Any geometry that fits, with extents that are not multiples of 4 or 8 and sizes down to 1. */
function anyConvolution(random: Random, kind: "grouped" | "depthwise"): Convolution {
  for (;;) {
    const groups = kind === "depthwise" ? oneOf(random, [2, 3, 5, 8]) : oneOf(random, [1, 1, 1, 2, 3]);
    const channels = kind === "depthwise" ? 1 : between(random, 1, 9);
    const outputs = kind === "depthwise" ? oneOf(random, [1, 1, 1, 2]) : between(random, 1, 11);
    const pair = (choose: () => number): [number, number] => [choose(), choose()];
    const kernel = pair(() => oneOf(random, [1, 2, 3, 5, 7]));
    const convolution: Convolution = {
      inputShape: [between(random, 1, 3), groups * channels, between(random, 1, 13), between(random, 1, 13)],
      weightShape: [groups * outputs, channels, ...kernel],
      geometry: {
        kernel,
        stride: pair(() => between(random, 1, 3)),
        padding: pair(() => between(random, 0, 3)),
        dilation: pair(() => between(random, 1, 2)),
        groups,
      },
    };
    if (outputOf(convolution)) return convolution;
  }
}

function square(
  [batch, channels, size, outputs, kernel]: readonly [number, number, number, number, number],
  { stride = 1, padding = 0, groups = 1 },
): Convolution {
  const pair = (extent: number): [number, number] => [extent, extent];
  return {
    inputShape: [batch, channels, size, size],
    weightShape: [outputs, channels / groups, kernel, kernel],
    geometry: { kernel: pair(kernel), stride: pair(stride), padding: pair(padding), dilation: [1, 1], groups },
  };
}

describe("products on the wasm engine", () => {
  let engine: Engine;
  before(async () => {
    engine = await openEngine("wasm", { threads: 2 });
  });
  after(() => engine.close());

  it("multiplies matrices of any extents, stored either way, alone and in batches", () => {
    const random = stream(0, "matmul");
    for (let example = 0; example < 120; example++) {
      const [g, m, k, n] = [oneOf(random, [1, 1, 2, 3]), ...[0, 0, 0].map(() => between(random, 1, 20))];
      const [transposeA, transposeB] = [random.integer(2) === 1, random.integer(2) === 1];
      checkMatmul(engine, { g, m, k, n, transposeA, transposeB }, random);
    }
  });

  it("multiplies matrices that need several blocks in every direction, with rests", () => {
    const random = stream(1, "matmul");
    for (const [transposeA, transposeB] of [
      [false, false],
      [false, true],
      [true, false],
      [true, true],
    ]) {
      checkMatmul(engine, { g: 1, m: 301, k: 261, n: 75, transposeA, transposeB }, random);
      checkMatmul(engine, { g: 2, m: 37, k: 515, n: 66, transposeA, transposeB }, random);
    }
  });

  it("gives zeros where there is nothing to sum", () => {
    engine.scope(() => {
      const y = engine.matmul(engine.tensor([], [5, 0]), engine.tensor([], [0, 9]), false, false);
      assert.deepEqual([...y.dataSync()], new Array(45).fill(0));
    });
  });

  it("convolves in all three directions for any stride, padding, dilation and groups", () => {
    const random = stream(0, "convolution");
    for (let example = 0; example < 150; example++) {
      checkConvolution(engine, anyConvolution(random, "grouped"), random);
    }
  });

  it("convolves channel by channel in all three directions", () => {
    const random = stream(1, "convolution");
    for (let example = 0; example < 100; example++) {
      checkConvolution(engine, anyConvolution(random, "depthwise"), random);
    }
  });

  it("convolves shapes that are divided in other ways: many small images, high bands, many weights, few pixels", () => {
    const random = stream(2, "convolution");
    checkConvolution(engine, square([67, 8, 4, 12, 3], { padding: 1 }), random); // several images to an item, the last not full
    checkConvolution(engine, square([70, 5, 3, 9, 2], { stride: 2, padding: 1 }), random);
    checkConvolution(engine, square([2, 3, 61, 10, 3], { padding: 1 }), random); // bands of rows
    checkConvolution(engine, square([1, 10, 53, 7, 5], { stride: 2, padding: 2 }), random);
    checkConvolution(engine, square([1, 88, 5, 100, 3], { padding: 1 }), random); // shares of outputs and of runs
    checkConvolution(engine, square([3, 66, 6, 70, 1], { stride: 2 }), random); // a shortcut: phases that no tap reaches
    checkConvolution(engine, square([2, 24, 40, 24, 3], { stride: 2, padding: 1, groups: 24 }), random);
  });

  it("takes no memory that it does not give back", () => {
    const random = stream(3, "convolution");
    const before = engine.memory().inUse;
    checkConvolution(engine, square([4, 8, 8, 8, 3], { padding: 1 }), random);
    checkMatmul(engine, { g: 1, m: 20, k: 20, n: 20, transposeA: true, transposeB: false }, random);
    assert.equal(engine.memory().inUse, before);
  });

  it("gives the same bits on 1, 2 and 3 threads", async () => {
    const results: Uint8Array[][] = [];
    for (const threads of [1, 2, 3]) {
      const other = await openEngine("wasm", { threads });
      try {
        results.push(bitsOfProducts(other));
      } finally {
        await other.close();
      }
    }
    assert.deepEqual(results[1], results[0]);
    assert.deepEqual(results[2], results[0]);
  });
});

/** The bytes of products that are large enough to be shared between threads. */
function bitsOfProducts(engine: Engine): Uint8Array[] {
  const random = stream(4, "convolution");
  return engine.scope(() => {
    const made = (shape: readonly number[]) => engine.tensor(values(random, sizeOf(shape)), shape);
    const results = [
      engine.matmul(made([150, 300]), made([300, 130]), false, false),
      engine.matmul(made([300, 150]), made([130, 300]), true, true),
    ];
    for (const convolution of [
      square([9, 12, 14, 20, 3], { stride: 2, padding: 1 }),
      square([40, 8, 4, 8, 3], { padding: 1 }),
      square([1, 80, 9, 72, 3], { padding: 1 }),
      square([4, 16, 15, 16, 3], { padding: 1, groups: 16 }),
    ]) {
      const { inputShape, weightShape, geometry } = convolution;
      const [x, w] = [made(inputShape), made(weightShape)];
      const y = engine.conv2d(x, w, geometry);
      results.push(y, engine.conv2dInputGradient(y, w, geometry, inputShape));
      results.push(engine.conv2dWeightGradient(x, y, geometry, weightShape));
    }
    return results.map((result) => new Uint8Array(result.dataSync().buffer));
  });
}
