/**
 * Sums and products of small whole numbers, which float32 holds exactly, at sizes where kernels of the GPU engine take other ways: loops of
 * thousands of turns, reductions in two stages, cells of four, gradients of weights in several parts. The definition gives the same numbers.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Conv2dGeometry, Engine } from "../../src/tensor/engine.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { hashUniform } from "../../src/tensor/random.js";
import { sizeOf, type Shape } from "../../src/tensor/shape.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { inEveryMode } from "../../test/tensor/engines/gpu/inEveryMode.js";
import { property } from "../property.js";

const exact = new ReferenceEngine("float64");
const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });

/** From −2 to 2; a function of `key` and the shape. */
function whole(engine: Engine, key: number, shape: Shape): Tensor {
  return engine.tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.floor(5 * hashUniform([key, shape.length], 0, i)) - 2),
    shape,
  );
}

/** Every tensor that is computed is the same on both engines. */
async function assertSame(
  engine: Engine,
  compute: (engine: Engine) => Readonly<Record<string, Tensor>>,
): Promise<void> {
  const expected = exact.scope(() => {
    const entries = Object.entries(compute(exact));
    return new Map(entries.map(([name, tensor]) => [name, { shape: tensor.shape, data: tensor.dataSync() }]));
  });
  for (const [name, tensor] of Object.entries(engine.scope(() => compute(engine)))) {
    const { shape, data } = expected.get(name)!;
    assert.deepEqual(tensor.shape, shape, name);
    const found = await tensor.data();
    tensor.dispose();
    const wrong = found.findIndex((value, i) => value + 0 !== data[i] + 0);
    assert.ok(wrong < 0, `${name}[${wrong}]: ${found[wrong]}, should be ${data[wrong]}`);
  }
}

/** One long extent among short ones. */
const longShapes = fc
  .tuple(fc.array(upTo(4), { maxLength: 2 }), upTo(6000), fc.nat({ max: 2 }))
  .map(([others, long, place]) => others.toSpliced(Math.min(place, others.length), 0, long));

const reductions = longShapes.chain((shape) => fc.tuple(fc.constant(shape), fc.subarray([...shape.keys()])));

const products = fc.record({
  extents: fc.tuple(upTo(9), fc.oneof(upTo(20), upTo(4000)), upTo(9)),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
});

const pair = (arbitrary: fc.Arbitrary<number>): fc.Arbitrary<[number, number]> => fc.tuple(arbitrary, arbitrary);

const convolutions = fc
  .record({
    images: fc.oneof(upTo(3), upTo(80)),
    groups: upTo(3),
    depth: upTo(3),
    filters: upTo(3),
    kernel: pair(upTo(4)),
    stride: pair(upTo(3)),
    padding: pair(fc.nat({ max: 3 })),
    dilation: pair(upTo(2)),
    spare: pair(fc.nat({ max: 9 })),
  })
  .map(({ images, depth, filters, spare, ...geometry }) => {
    const { kernel, stride, padding, dilation, groups } = geometry;
    const spans = kernel.map((extent, axis) => dilation[axis] * (extent - 1) + 1);
    const sides = spans.map((span, axis) => Math.max(1, span + spare[axis] - 2 * padding[axis]));
    const out = sides.map((side, axis) => Math.floor((side + 2 * padding[axis] - spans[axis]) / stride[axis]) + 1);
    return {
      geometry: geometry satisfies Conv2dGeometry,
      x: [images, groups * depth, ...sides],
      w: [groups * filters, depth, ...kernel],
      dy: [images, groups * filters, ...out],
    };
  });

inEveryMode("of small whole numbers", (engine) => {
  property(
    "sums, maxima and minima over any axes are exact, however long",
    [reductions, fc.nat()],
    ([shape, axes], key) =>
      assertSame(engine(), (on) => {
        const x = whole(on, key, shape);
        return {
          sum: on.reduce("sum", x, axes, false),
          maximum: on.reduce("maximum", x, axes, true),
          minimum: on.reduce("minimum", x, axes, false),
        };
      }),
  );

  property(
    "products of matrices are exact, however many terms a sum has",
    [products, fc.nat()],
    ({ extents: [rows, terms, columns], transposeA, transposeB }, key) =>
      assertSame(engine(), (on) => {
        const a = whole(on, key, transposeA ? [terms, rows] : [rows, terms]);
        const b = whole(on, key + 1, transposeB ? [columns, terms] : [terms, columns]);
        return { product: on.matmul(a, b, transposeA, transposeB) };
      }),
  );

  property(
    "convolutions and their gradients are exact, however many images there are",
    [convolutions, fc.nat()],
    ({ geometry, ...shapes }, key) =>
      assertSame(engine(), (on) => {
        const [x, w, dy] = [shapes.x, shapes.w, shapes.dy].map((shape, i) => whole(on, key + i, shape));
        return {
          y: on.conv2d(x, w, geometry),
          dx: on.conv2dInputGradient(dy, w, geometry, shapes.x),
          dw: on.conv2dWeightGradient(x, dy, geometry, shapes.w),
        };
      }),
    { runs: 40 },
  );

  property(
    "powers of 0 and 1 are what they are for numbers: 0 to the power of 0 is 1, and to a negative one ∞",
    [fc.array(fc.tuple(fc.constantFrom(0, 1), fc.integer({ min: -3, max: 3 })), { minLength: 1, maxLength: 9 })],
    async (pairs) => {
      const [bases, exponents] = [0, 1].map((i) =>
        engine().tensor(
          pairs.map((both) => both[i]),
          [pairs.length],
        ),
      );
      using powers = engine().binary("power", bases, exponents);
      for (const tensor of [bases, exponents]) tensor.dispose();
      assert.deepEqual(
        [...(await powers.data())],
        pairs.map(([base, exponent]) => base ** exponent),
      );
    },
  );
});
