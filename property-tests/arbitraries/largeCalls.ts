/** Calls large enough that the wasm engine shares them between its threads, of awkward extents: ones, and remainders of every block. */
import fc from "fast-check";
import * as ag from "../../src/autograd/index.js";
import { hashUniform } from "../../src/tensor/random.js";
import { sizeOf, type Shape } from "../../src/tensor/shape.js";
import { callsOf, type CallGenerator, type Fill, type Layout } from "./operationCall.js";
import { permutations } from "./shapes.js";

/** Elements of an input that is passed over once: a kernel is shared from 131,072 floating-point operations on. */
const ELEMENTS = 140_000;

const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });

/** In (0, 1], hashed from a generated key: a generated list of so many numbers would take longer than any kernel. */
const hashed: Fill = (size) =>
  fc.nat().map((key) => {
    const values = Array.from({ length: size }, (_, i) => Math.fround(1 - hashUniform([key, 0], 0, i)));
    return Object.defineProperty(values, fc.toStringMethod, { value: () => `${size} numbers of key ${key}` });
  });

const numbersBelow = (count: number, length: number): fc.Arbitrary<Int32Array> =>
  fc.nat().map((key) => Int32Array.from({ length }, (_, i) => Math.floor(count * hashUniform([key, 1], 0, i))));

/** `minRank` to four extents of at least so many elements in all, the large one at any place. */
function large(minRank = 1): fc.Arbitrary<number[]> {
  return fc
    .array(upTo(17), { minLength: minRank - 1, maxLength: 3 })
    .chain((others) => fc.tuple(fc.constant(others), fc.nat({ max: others.length }), fc.nat({ max: 40 })))
    .map(([others, place, more]) => others.toSpliced(place, 0, Math.ceil(ELEMENTS / sizeOf(others)) + more));
}

/** [N, M], from flat to high. */
const matrices = upTo(1500).map((columns) => [Math.ceil(ELEMENTS / columns), columns] as const);

const plain = (...shapes: readonly Shape[]): Layout<undefined> => ({ shapes, options: undefined });

/** Axes made 1 in the second operand. */
const broadcast = large().chain((shape) =>
  fc.subarray([...shape.keys()]).map((ones) =>
    plain(
      shape,
      shape.map((extent, axis) => (ones.includes(axis) ? 1 : extent)),
    ),
  ),
);

const reductions = large().chain((shape) =>
  fc.record({
    shapes: fc.constant([shape]),
    options: fc.record({ axes: fc.subarray([...shape.keys()], { minLength: 1 }), keepDims: fc.boolean() }),
  }),
);

const permuted = large().chain((shape) =>
  permutations(shape.length).map((permutation) => ({ shapes: [shape], options: { permutation } })),
);

const joined = large().chain((shape) =>
  fc.nat({ max: shape.length - 1 }).map((axis) => ({ shapes: [shape, shape.with(axis, 3)], options: { axis } })),
);

const gathers = matrices.chain(([rows, columns]) =>
  numbersBelow(rows, rows + 3).map((index) => ({ shapes: [[rows, columns]], options: { index } })),
);

const products = fc
  .tuple(fc.tuple(upTo(90), upTo(90), fc.option(upTo(4))), fc.boolean(), fc.boolean())
  .map(([[m, n, batch], transposeA, transposeB]) => {
    const k = Math.ceil(ELEMENTS / (m * n * (batch ?? 1))) + 7; // 2·m·k·n operations a matrix
    const lead = batch === null ? [] : [batch];
    return {
      shapes: [
        [...lead, ...(transposeA ? [k, m] : [m, k])],
        [...lead, ...(transposeB ? [n, k] : [k, n])],
      ],
      options: { transposeA, transposeB },
    };
  });

const convolutions = fc
  .record({
    groups: upTo(8),
    depth: upTo(5),
    filters: upTo(5),
    kernel: fc.tuple(upTo(3), upTo(3)),
    stride: fc.tuple(upTo(2), upTo(2)),
    padding: fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 2 })),
    dilation: fc.tuple(upTo(2), upTo(2)),
    image: fc.tuple(fc.integer({ min: 5, max: 24 }), fc.integer({ min: 5, max: 24 })),
  })
  .map(({ groups, depth, filters, kernel, image, ...placement }) => {
    const [channels, outputs] = [depth * groups, filters * groups];
    const batch = Math.ceil(ELEMENTS / 4 / (channels * image[0] * image[1]));
    return {
      shapes: [
        [batch, channels, ...image],
        [outputs, depth, ...kernel],
      ],
      options: { ...placement, groups },
    };
  });

const pools = fc
  .record({
    kernel: fc.tuple(fc.constantFrom(2, 3), fc.constantFrom(2, 3)),
    stride: fc.tuple(upTo(3), upTo(3)),
    padding: fc.tuple(fc.nat({ max: 1 }), fc.nat({ max: 1 })),
    image: fc.tuple(fc.integer({ min: 5, max: 30 }), fc.integer({ min: 5, max: 30 })),
    channels: upTo(20),
  })
  .map(({ image, channels, ...window }) => ({
    shapes: [[Math.ceil(ELEMENTS / (channels * image[0] * image[1])), channels, ...image]],
    options: { ...window, dilation: [1, 1] as [number, number] },
  }));

/** [B, C, …], and two numbers a channel. */
const channels = large(2).map((shape) => ({ shapes: [shape, [shape[1]], [shape[1]]], options: { epsilon: 1e-5 } }));
const batches = channels.filter(({ shapes: [shape] }) => sizeOf(shape) > shape[1]); // a single value has no variance

const columns = matrices.map((shape) => ({
  shapes: [shape, shape.slice(1), shape.slice(1)],
  options: { epsilon: 1e-5 },
}));

const attentions = fc.tuple(upTo(70), upTo(5), upTo(20)).map(([tokens, heads, size]) => ({
  shapes: [[Math.ceil(ELEMENTS / (heads * tokens * tokens * size)) + 1, tokens, 3 * heads * size]],
  options: { heads },
}));

const slopes = large(2).chain((shape) => fc.constantFrom(plain(shape, [shape[1]]), plain(shape, [1])));

const fill = { wide: hashed };

/** One operation for each family of kernels; their gradients run the other kernels of the family. */
export const largeCalls: readonly CallGenerator[] = [
  callsOf(
    ag.geluOperation,
    large().map((shape) => plain(shape)),
    fill,
  ),
  callsOf(ag.divideOperation, broadcast, fill),
  callsOf(ag.preluOperation, slopes, fill),
  callsOf(ag.meanOperation, reductions, fill),
  callsOf(ag.maximumOverOperation, reductions, fill),
  callsOf(ag.permuteOperation, permuted, fill),
  callsOf(ag.concatenateOperation, joined, fill),
  callsOf(
    ag.softmaxOperation,
    matrices.map((shape) => plain(shape)),
    fill,
  ),
  callsOf(
    ag.normalizeRowsOperation,
    matrices.map((shape) => ({ shapes: [shape], options: { epsilon: 1e-12 } })),
    fill,
  ),
  callsOf(ag.gatherRowsOperation, gathers, fill),
  callsOf(ag.matmulOperation, products, fill),
  callsOf(ag.attentionOperation, attentions, fill),
  callsOf(ag.conv2dOperation, convolutions, fill),
  callsOf(ag.maxPool2dOperation, pools, fill),
  callsOf(ag.averagePool2dOperation, pools, fill),
  callsOf(ag.batchNormOperation, batches, fill),
  callsOf(ag.layerNormOperation, columns, fill),
];
