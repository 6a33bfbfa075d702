/** Calls of operations that work element by element. */
import fc from "fast-check";
import * as ag from "../../src/autograd/index.js";
import { vectors } from "./arrays.js";
import { between, extreme, moderate } from "./numbers.js";
import { apart, awayFrom, callsOf, tame, within, type CallGenerator, type Fill, type Layout } from "./operationCall.js";
import { broadcastingShapes, shapes } from "./shapes.js";

// ── numbers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Of any size, or at and around the points where a function has a kink. */
function anySize(...kinks: readonly number[]): Fill {
  const element = kinks.length === 0 ? extreme() : fc.oneof(extreme(), moderate(), fc.constantFrom(...kinks));
  return (size) => vectors(size, element);
}

/** Of any size but 0. */
const notZero: Fill = (size) => vectors(size, extreme()).map((values) => values.map((value) => value || 1));
const positive: Fill = (size) => notZero(size).map((values) => values.map(Math.abs));
/** Condition of a selection. */
const flags: Fill = (size) => vectors(size, fc.constantFrom(0, 1));
/** Bases and exponents of powers: 0 is a base where the exponent is 1 or more. */
const bases: Fill = (size) => vectors(size, fc.oneof(between(0, 10), fc.constantFrom(0, 1)));
/** Operands that tie, and such that never do: multiples of ¼ shifted by ⅛ or 0, against ±1/16. */
const tied: Fill = (size) => vectors(size, fc.integer({ min: -2, max: 2 }));
const untied: readonly Fill[] = [apart(0.25), (size) => vectors(size, fc.constantFrom(0.0625, -0.0625))];
/** 1/x and its like: three times differentiable with room to spare. */
const offZero = awayFrom([0], 0.5);

// ── shapes and options ──────────────────────────────────────────────────────────────────────────────────────────────

const operand = shapes({ maxRank: 3, minExtent: 0 });
const one: fc.Arbitrary<Layout<undefined>> = operand.map((shape) => ({ shapes: [shape], options: undefined }));

const two: fc.Arbitrary<Layout<undefined>> = broadcastingShapes({ maxRank: 3, minExtent: 0 }).map(([a, b]) => ({
  shapes: [a, b],
  options: undefined,
}));

const three: fc.Arbitrary<Layout<undefined>> = fc
  .tuple(broadcastingShapes({ maxRank: 3 }), fc.boolean())
  .map(([[a, b, both], stretched]) => ({ shapes: [stretched ? a : both, b, a], options: undefined }));

/** [B, C, …] and a slope for each channel, or one for all. */
const slopes: fc.Arbitrary<Layout<undefined>> = fc
  .tuple(shapes({ minRank: 2, maxRank: 4, maxExtent: 4 }), fc.boolean())
  .map(([shape, shared]) => ({ shapes: [shape, [shared ? 1 : shape[1]]], options: undefined }));

function withOptions<Options>(options: fc.Arbitrary<Options>): fc.Arbitrary<Layout<Options>> {
  return fc.tuple(operand, options).map(([shape, chosen]) => ({ shapes: [shape], options: chosen }));
}

const coefficients = fc.record({ scale: moderate(100), shift: moderate() });
const limits = fc.record({
  low: fc.constantFrom(-Infinity, -1, -0.5, 0),
  high: fc.constantFrom(0, 0.5, 2, Infinity),
});
const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const drops = fc.record({ rate: between(0, 0.9), key: fc.tuple(word, word) });

// ── the operations ──────────────────────────────────────────────────────────────────────────────────────────────────

export const elementwiseCalls: readonly CallGenerator[] = [
  callsOf(ag.addOperation, two, { wide: anySize(), smooth: tame }),
  callsOf(ag.subtractOperation, two, { wide: anySize(), smooth: tame }),
  callsOf(ag.multiplyOperation, two, { wide: anySize(), smooth: tame }),
  callsOf(ag.divideOperation, two, { wide: [anySize(), notZero], smooth: [tame, offZero] }),
  callsOf(ag.maximumOperation, two, { wide: tied, smooth: untied }),
  callsOf(ag.minimumOperation, two, { wide: tied, smooth: untied }),
  callsOf(ag.powerOperation, two, { wide: [bases, within(1, 3)], smooth: [within(0.5, 2), within(0.5, 3)] }),
  callsOf(ag.selectOperation, three, { wide: [flags, anySize(), anySize()], smooth: [flags, tame, tame] }),

  callsOf(ag.negateOperation, one, { wide: anySize(), smooth: tame }),
  callsOf(ag.absoluteOperation, one, { wide: anySize(0), smooth: awayFrom([0]) }),
  callsOf(ag.expOperation, one, { wide: within(-110, 86), smooth: within(-4, 3) }), // below −104 all is 0
  callsOf(ag.logOperation, one, { wide: positive, smooth: within(0.5, 4) }),
  callsOf(ag.sqrtOperation, one, { wide: positive, smooth: within(0.5, 4) }),
  callsOf(ag.squareOperation, one, { wide: anySize(), smooth: tame }),
  callsOf(ag.reciprocalOperation, one, { wide: notZero, smooth: offZero }),
  callsOf(ag.sinOperation, one, { wide: anySize(), smooth: tame }),
  callsOf(ag.cosOperation, one, { wide: anySize(), smooth: tame }),
  callsOf(ag.arccosOperation, one, { wide: within(-1, 1), smooth: within(-0.8, 0.8) }),
  callsOf(ag.tanhOperation, one, { wide: anySize(), smooth: tame }),
  callsOf(ag.erfOperation, one, { wide: anySize(), smooth: tame }),
  callsOf(ag.affineOperation, withOptions(coefficients), { wide: anySize(), smooth: tame }),
  callsOf(ag.clampOperation, withOptions(limits), {
    wide: anySize(-1, -0.5, 0, 0.5, 2),
    smooth: awayFrom([-1, -0.5, 0, 0.5, 2]),
  }),

  callsOf(ag.reluOperation, one, { wide: anySize(0), smooth: awayFrom([0]) }),
  callsOf(ag.relu6Operation, one, {
    wide: anySize(0, 6),
    smooth: (size) => awayFrom([0, 3])(size).map((values) => values.map((value) => 2 * value)),
  }),
  callsOf(ag.preluOperation, slopes, { wide: [anySize(0), tame], smooth: [awayFrom([0]), tame] }),
  callsOf(ag.sigmoidOperation, one, { wide: anySize(), smooth: tame }),
  callsOf(ag.geluOperation, one, { wide: anySize(), smooth: tame }),
  callsOf(ag.geluTanhOperation, one, { wide: anySize(), smooth: tame }),
  callsOf(ag.dropoutOperation, withOptions(drops), { wide: anySize(), smooth: tame }),
];
