/** Calls of operations on rows, of matrix products, and of norms; communicators are of a single rank. */
import fc from "fast-check";
import * as ag from "../../src/autograd/index.js";
import { synchronizedBatchNormOperation } from "../../src/nn/layers/synchronizedBatchNorm.js";
import { alone } from "../../src/ranks/alone.js";
import { vectors } from "./arrays.js";
import { extreme } from "./numbers.js";
import { apart, awayFrom, callsOf, tame, type CallGenerator, type Fill } from "./operationCall.js";
import { shapes } from "./shapes.js";

const extent = fc.oneof(
  { weight: 1, arbitrary: fc.constant(1) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 9 }) },
);
const anySize: Fill = (size) => vectors(size, extreme());
/** Row numbers that repeat. */
const numbersBelow = (count: number, length: fc.Arbitrary<number>): fc.Arbitrary<Int32Array> =>
  length.chain((n) =>
    fc.array(fc.nat({ max: count - 1 }), { minLength: n, maxLength: n }).map((list) => Int32Array.from(list)),
  );
/** Column numbers, −1 for none. */
const columnsBelow = (count: number, length: number): fc.Arbitrary<Int32Array> =>
  fc
    .array(fc.integer({ min: -1, max: count - 1 }), { minLength: length, maxLength: length })
    .map((list) => Int32Array.from(list));

const rows = shapes({ minRank: 1, maxRank: 3, maxExtent: 7 }).map((shape) => ({ shapes: [shape], options: undefined }));
/** The floor of the norm: never reached, or (where it is 100) never exceeded. */
const floors = fc
  .tuple(shapes({ minRank: 1, maxRank: 3, maxExtent: 7 }), fc.constantFrom(1e-12, 1e-3, 100))
  .map(([shape, epsilon]) => ({ shapes: [shape], options: { epsilon } }));
/** Rows of zeros, and rows whose squares float32 barely holds. */
const anyNorm: Fill = (size) =>
  fc.oneof(
    { weight: 4, arbitrary: anySize(size) },
    { weight: 1, arbitrary: fc.constant(new Array<number>(size).fill(0)) },
  );

const gathers = fc
  .tuple(extent, extent)
  .chain(([count, columns]) =>
    numbersBelow(count, fc.nat({ max: 9 })).map((index) => ({ shapes: [[count, columns]], options: { index } })),
  );
const columnGathers = fc
  .tuple(extent, extent)
  .chain(([count, columns]) =>
    numbersBelow(columns, fc.nat({ max: 9 })).map((index) => ({ shapes: [[count, columns]], options: { index } })),
  );
const scatters = fc.tuple(extent, extent).chain(([count, columns]) =>
  numbersBelow(count, fc.nat({ max: 9 })).map((index) => ({
    shapes: [[index.length, columns]],
    options: { index, rows: count },
  })),
);
const picks = fc
  .tuple(fc.nat({ max: 6 }), extent)
  .chain(([count, columns]) =>
    columnsBelow(columns, count).map((column) => ({ shapes: [[count, columns]], options: { column } })),
  );
const places = fc
  .tuple(fc.nat({ max: 6 }), extent)
  .chain(([count, columns]) =>
    columnsBelow(columns, count).map((column) => ({ shapes: [[count]], options: { column, columns } })),
  );

const products = fc
  .tuple(extent, extent, extent, fc.option(fc.integer({ min: 1, max: 3 })), fc.boolean(), fc.boolean())
  .map(([m, k, n, batch, transposeA, transposeB]) => {
    const lead = batch === null ? [] : [batch];
    return {
      shapes: [
        [...lead, ...(transposeA ? [k, m] : [m, k])],
        [...lead, ...(transposeB ? [n, k] : [k, n])],
      ],
      options: { transposeA, transposeB },
    };
  });
const layers = fc
  .tuple(shapes({ maxRank: 2, maxExtent: 4 }), extent, extent, fc.boolean())
  .map(([lead, input, output, biased]) => ({
    shapes: [[...lead, input], [output, input], ...(biased ? [[output]] : [])],
    options: undefined,
  }));

const epsilons = fc.constantFrom(1e-5, 2e-5, 0.1);
/** [B, C, …] with more than one value a channel. */
const batches = fc
  .tuple(shapes({ minRank: 2, maxRank: 4, maxExtent: 4 }), epsilons)
  .map(([[batch, channels, ...rest], epsilon]) => ({
    shapes: [[batch + 1, channels, ...rest], [channels], [channels]],
    options: { epsilon },
  }));
const batchesOfOneRank = batches.map((layout) => ({
  ...layout,
  options: { ...layout.options, communicator: alone },
}));
const channels = shapes({ minRank: 2, maxRank: 4, maxExtent: 4 }).map((shape) => ({
  shapes: [shape, [shape[1]], [shape[1]]],
  options: undefined,
}));
const columns = fc.tuple(shapes({ minRank: 1, maxRank: 3, maxExtent: 7 }), epsilons).map(([shape, epsilon]) => ({
  shapes: [shape, shape.slice(-1), shape.slice(-1)],
  options: { epsilon },
}));
/** [B, T, 3 · heads · d] */
const attentions = fc
  .tuple(fc.integer({ min: 1, max: 3 }), extent, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 }))
  .map(([batch, tokens, heads, size]) => ({ shapes: [[batch, tokens, 3 * heads * size]], options: { heads } }));
/**
 * Values far from 0 beside their spread, where the difference of large squares would lose all digits; and values that are all equal. Not so
 * far that a variance of 0 drowns: the mean of a channel's 80 values is off by 80 · 200 · 2⁻²⁴ = 1e-3 at most, and the square of that is a
 * tenth of the smallest epsilon.
 */
const offset: Fill = (size) =>
  fc
    .tuple(tame(size), fc.constantFrom(0, 0, 100, -200))
    .map(([values, shift]) => values.map((value) => Math.fround(value + shift)));
/**
 * Weights of a norm, none of them subnormal: an engine may divide them by the deviation before they meet x̂, and what is lost there below the
 * smallest float32 is more than the formula, which divides first, allows.
 */
const weights: Fill = (size) =>
  tame(size).map((values) => values.map((value) => (Math.abs(value) < 2 ** -100 ? 0 : value)));
/** No two numbers are equal, so that every variance but that of a single number is at least 1/16. */
const spread = apart(0.5);

export const rowCalls: readonly CallGenerator[] = [
  callsOf(ag.softmaxOperation, rows, { wide: anySize, smooth: tame }),
  callsOf(ag.logSoftmaxOperation, rows, { wide: anySize, smooth: tame }),
  // norms of smooth calls are between 0.5 and 20, above every floor but the last, which none reaches
  callsOf(ag.normalizeRowsOperation, floors, { wide: anyNorm, smooth: awayFrom([0], 0.5) }),
  callsOf(ag.gatherRowsOperation, gathers, { wide: anySize, smooth: tame }),
  callsOf(ag.scatterAddRowsOperation, scatters, { wide: anySize, smooth: tame }),
  callsOf(ag.gatherColumnsOperation, columnGathers, { wide: anySize, smooth: tame }),
  callsOf(ag.pickOperation, picks, { wide: anySize, smooth: tame }),
  callsOf(ag.placeOperation, places, { wide: anySize, smooth: tame }),
  callsOf(ag.matmulOperation, products, { wide: anySize, smooth: tame }),
  callsOf(ag.linearOperation, layers, { wide: anySize, smooth: tame }),
  callsOf(ag.batchNormOperation, batches, { wide: [offset, weights, tame], smooth: [spread, tame, tame] }),
  callsOf(synchronizedBatchNormOperation, batchesOfOneRank, {
    wide: [offset, weights, tame],
    smooth: [spread, tame, tame],
  }),
  callsOf(ag.scaleChannelsOperation, channels, { wide: anySize, smooth: tame }),
  callsOf(ag.attentionOperation, attentions),
  callsOf(ag.layerNormOperation, columns, { wide: [offset, weights, tame], smooth: [spread, tame, tame] }),
];
