/** Calls of losses, and of what Partial FC adds to the list; communicators are of a single rank. */
import fc from "fast-check";
import * as ag from "../../src/autograd/index.js";
import { gatherRanksOperation } from "../../src/pfc/gatherRanks.js";
import { softmaxCrossEntropyOperation } from "../../src/pfc/softmaxCrossEntropy.js";
import { alone } from "../../src/ranks/alone.js";
import { vectors } from "./arrays.js";
import { between, extreme } from "./numbers.js";
import { apart, callsOf, tame, within, type CallGenerator, type Fill } from "./operationCall.js";
import { shapes } from "./shapes.js";

const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
/** Logits of saturated rows among them: one class that is far ahead, or all but equal. */
const logits: Fill = (size) =>
  vectors(
    size,
    extreme().map((value) => Math.fround(value / 100)),
  );

/** Labels that repeat. */
const labelsOf = (rows: number, classes: number, least = 0): fc.Arbitrary<Int32Array> =>
  fc
    .array(fc.integer({ min: least, max: classes - 1 }), { minLength: rows, maxLength: rows })
    .map((list) => Int32Array.from(list));

const IGNORED = -100;
const crossEntropies = fc.tuple(upTo(5), upTo(6)).chain(([rows, classes]) =>
  fc
    .record({
      labels: labelsOf(rows, classes),
      ignored: fc.nat({ max: rows - 1 }),
      reduction: fc.constantFrom("mean" as const, "sum" as const, "none" as const),
      smoothing: fc.option(between(0, 1), { nil: undefined }),
      weight: fc.option(fc.array(between(0.25, 2), { minLength: classes, maxLength: classes }), { nil: undefined }),
    })
    // the first rows are ignored, but never all of them: a mean over nothing is no number
    .map(({ labels, ignored, ...options }) => ({
      shapes: [[rows, classes]],
      options: {
        ...options,
        labels: labels.map((label, row) => (row < ignored ? IGNORED : label)),
        ignoreIndex: IGNORED,
      },
    })),
);

const distances = fc.tuple(shapes({ maxRank: 3 }), fc.constantFrom(0.125, 1, 3)).map(([shape, beta]) => ({
  shapes: [shape, shape],
  options: { beta },
}));
/** Distances are odd multiples of 1/16; every beta is a multiple of 1/8. */
const clear: readonly Fill[] = [apart(1), (size) => vectors(size, fc.constantFrom(0.0625, -0.0625, 0.4375, 0.6875))];

const shards = fc
  .tuple(upTo(5), upTo(6))
  .chain(([rows, columns]) =>
    labelsOf(rows, columns).map((labels) => ({ shapes: [[rows, columns]], options: { labels, communicator: alone } })),
  );

const blocks = fc.tuple(upTo(4), upTo(5)).map((shape) => ({ shapes: [shape], options: alone }));

export const lossCalls: readonly CallGenerator[] = [
  callsOf(ag.crossEntropyOperation, crossEntropies, { wide: logits, smooth: tame }),
  callsOf(ag.smoothL1Operation, distances, { wide: tame, smooth: clear }),
  // the probability of the right class stays above 1e-30, below which its logarithm is cut off
  callsOf(softmaxCrossEntropyOperation, shards, { wide: within(-30, 30), smooth: tame }),
  callsOf(gatherRanksOperation, blocks),
];
