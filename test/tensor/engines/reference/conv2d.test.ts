import { describe, it } from "node:test";
import assert from "node:assert/strict";
import type { Conv2dGeometry } from "../../../../src/tensor/engine.js";
import { ReferenceEngine } from "../../../../src/tensor/engines/reference/index.js";
import { stream } from "../../../../src/tensor/random.js";
import { sizeOf } from "../../../../src/tensor/shape.js";
import { assertClose } from "./close.js";

const engine = new ReferenceEngine("float64");

function normal(name: string, ...shape: number[]) {
  const random = stream("conv2d", name);
  return engine.tensor(
    Array.from({ length: sizeOf(shape) }, () => random.normal()),
    shape,
  );
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((sum, value, i) => sum + value * b[i], 0);
}

const plain: Conv2dGeometry = { kernel: [1, 1], stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 };

describe("convolution", () => {
  it("sums a window of ones to the number of pixels inside the image", () => {
    const y = engine.conv2d(engine.full([1, 1, 3, 3], 1), engine.full([1, 1, 3, 3], 1), {
      ...plain,
      kernel: [3, 3],
      padding: [1, 1],
    });
    assert.deepEqual([...y.dataSync()], [4, 6, 4, 6, 9, 6, 4, 6, 4]);
  });

  it("does not flip the kernel", () => {
    const x = engine.tensor([1, 2, 3, 4], [1, 1, 2, 2]);
    const w = engine.tensor([1, 10, 100, 1000], [1, 1, 2, 2]);
    assert.deepEqual([...engine.conv2d(x, w, { ...plain, kernel: [2, 2] }).dataSync()], [4321]);
  });

  it("of 1×1 kernels is a matrix product over channels", () => {
    const [x, w] = [normal("x", 1, 4, 3, 5), normal("w", 6, 4, 1, 1)];
    const product = engine.matmul(w.reshape([6, 4]), x.reshape([4, 15]), false, false);
    assertClose(engine.conv2d(x, w, plain).dataSync(), product.dataSync(), 1e-15);
  });

  const geometries: [string, number[], number[], Conv2dGeometry][] = [
    ["3×3", [2, 3, 5, 6], [4, 3, 3, 3], { ...plain, kernel: [3, 3], padding: [1, 1] }],
    [
      "stride 2, uneven padding",
      [1, 2, 7, 6],
      [3, 2, 3, 2],
      { ...plain, kernel: [3, 2], stride: [2, 3], padding: [0, 2] },
    ],
    ["dilation", [1, 2, 9, 8], [2, 2, 3, 2], { ...plain, kernel: [3, 2], dilation: [2, 3], padding: [2, 1] }],
    ["groups", [2, 4, 5, 5], [6, 2, 3, 3], { ...plain, kernel: [3, 3], groups: 2 }],
    ["depthwise", [2, 3, 6, 6], [3, 1, 3, 3], { ...plain, kernel: [3, 3], groups: 3, stride: [2, 2], padding: [1, 1] }],
    [
      "a kernel that lies mostly in the padding",
      [1, 1, 1, 2],
      [1, 1, 5, 5],
      { ...plain, kernel: [5, 5], padding: [2, 2] },
    ],
  ];

  for (const [name, xShape, wShape, geometry] of geometries) {
    /** The formula, pixel by pixel, with a test for every tap. */
    function byPixel(x: ArrayLike<number>, w: ArrayLike<number>, [height, width]: number[]): number[] {
      const [images, channels, h, v] = xShape;
      const [outputs, inGroup, kernelHeight, kernelWidth] = wShape;
      const y: number[] = [];
      for (let b = 0; b < images; b++)
        for (let o = 0; o < outputs; o++)
          for (let p = 0; p < height; p++)
            for (let q = 0; q < width; q++) {
              let sum = 0;
              for (let c = 0; c < inGroup; c++)
                for (let r = 0; r < kernelHeight; r++)
                  for (let s = 0; s < kernelWidth; s++) {
                    const row = p * geometry.stride[0] - geometry.padding[0] + r * geometry.dilation[0];
                    const column = q * geometry.stride[1] - geometry.padding[1] + s * geometry.dilation[1];
                    if (row < 0 || row >= h || column < 0 || column >= v) continue;
                    const channel = Math.floor(o / (outputs / geometry.groups)) * inGroup + c;
                    const pixel = x[((b * channels + channel) * h + row) * v + column];
                    sum += pixel * w[((o * inGroup + c) * kernelHeight + r) * kernelWidth + s];
                  }
              y.push(sum);
            }
      return y;
    }

    it(`is the sum over the window: ${name}`, () => {
      const [x, w] = [normal("x" + name, ...xShape), normal("w" + name, ...wShape)];
      const y = engine.conv2d(x, w, geometry);
      assertClose(y.dataSync(), byPixel(x.dataSync(), w.dataSync(), y.shape.slice(2)), 1e-14);
    });

    it(`has adjoints: ⟨dy, conv(x, w)⟩ = ⟨dx(dy, w), x⟩ = ⟨dw(x, dy), w⟩: ${name}`, () => {
      const [x, w] = [normal("x" + name, ...xShape), normal("w" + name, ...wShape)];
      const y = engine.conv2d(x, w, geometry);
      const dy = normal("dy" + name, ...y.shape);
      const value = dot(dy.dataSync(), y.dataSync());
      const dx = engine.conv2dInputGradient(dy, w, geometry, x.shape);
      const dw = engine.conv2dWeightGradient(x, dy, geometry, w.shape);
      assertClose([dot(dx.dataSync(), x.dataSync()), dot(dw.dataSync(), w.dataSync())], [value, value], 1e-12);
    });
  }
});
