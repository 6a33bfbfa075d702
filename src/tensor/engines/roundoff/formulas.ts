/**
 * Kernels of several steps, written out: a float32 engine that rounds after each of these steps is what their bounds speak of.
 * Engines do better where they sum in double precision, never worse.
 */
import type { Engine } from "../../engine.js";
import type { Shape } from "../../shape.js";
import type { Tensor } from "../../tensor.js";

// ── the steps, as one writes them ───────────────────────────────────────────────────────────────────────────────────

function add(a: Tensor, b: Tensor): Tensor {
  return a.engine.binary("add", a, b);
}

function subtract(a: Tensor, b: Tensor): Tensor {
  return a.engine.binary("subtract", a, b);
}

function multiply(a: Tensor, b: Tensor): Tensor {
  return a.engine.binary("multiply", a, b);
}

function divide(a: Tensor, b: Tensor): Tensor {
  return a.engine.binary("divide", a, b);
}

function sum(x: Tensor, axes: readonly number[], keepDims = true): Tensor {
  return x.engine.reduce("sum", x, axes, keepDims);
}

function mean(x: Tensor, axes: readonly number[]): Tensor {
  return x.engine.reduce("mean", x, axes, true);
}

function number(engine: Engine, value: number): Tensor {
  return engine.full([], value);
}

// ── prelu ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** One number a channel, [C], laid along the second axis of [B, C, …]; a single one serves all. */
function alongChannels(vector: Tensor, x: Shape): Tensor {
  return vector.size === 1 ? vector : vector.reshape([-1, ...x.slice(2).map(() => 1)]);
}

function allButChannels(x: Shape): number[] {
  return x.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
}

export function prelu(x: Tensor, slope: Tensor): Tensor {
  const { engine } = x;
  const positive = engine.binary("greater", x, number(engine, 0));
  return engine.select(positive, x, multiply(x, alongChannels(slope, x.shape)));
}

export function preluGradient(x: Tensor, slope: Tensor, dy: Tensor): { dx: Tensor; dslope: Tensor } {
  const { engine } = x;
  const positive = engine.binary("greater", x, number(engine, 0));
  const dx = engine.select(positive, dy, multiply(dy, alongChannels(slope, x.shape)));
  const uses = engine.select(positive, engine.full(x.shape, 0), multiply(dy, x));
  const axes = slope.size === 1 ? [...x.shape.keys()] : allButChannels(x.shape);
  return { dx, dslope: sum(uses, axes, false).reshape(slope.shape) };
}

// ── rows ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** x: [N, M] */
export function softmaxRows(x: Tensor): Tensor {
  const { engine } = x;
  const exponentials = engine.unary("exp", subtract(x, engine.reduce("maximum", x, [1], true)));
  return divide(exponentials, sum(exponentials, [1]));
}

/** x: [N, M]; norm: [N] */
export function normalizeRows(x: Tensor, epsilon: number): { y: Tensor; norm: Tensor } {
  const { engine } = x;
  const norm = engine.unary("sqrt", sum(engine.unary("square", x), [1])); // [N, 1]
  const divisor = engine.binary("maximum", norm, number(engine, epsilon));
  return { y: divide(x, divisor), norm: norm.reshape([-1]) };
}

/** dy, y: [N, M]; norm: [N] */
export function normalizeRowsGradient(dy: Tensor, y: Tensor, norm: Tensor, epsilon: number): Tensor {
  const { engine } = y;
  const length = norm.reshape([-1, 1]);
  const free = engine.binary("greaterEqual", length, number(engine, epsilon)); // 0 in rows under the floor
  const along = multiply(sum(multiply(y, dy), [1]), free);
  const divisor = engine.binary("maximum", length, number(engine, epsilon));
  return divide(subtract(dy, multiply(y, along)), divisor);
}

// ── batch norm and layer norm ───────────────────────────────────────────────────────────────────────────────────────

/** Over these axes; weight and bias in a shape that broadcasts with x. */
function normalized(x: Tensor, weight: Tensor, bias: Tensor, epsilon: number, axes: readonly number[]) {
  const { engine } = x;
  const average = mean(x, axes);
  const centered = subtract(x, average);
  const variance = mean(engine.unary("square", centered), axes);
  const inverse = engine.unary("reciprocal", engine.unary("sqrt", add(variance, number(engine, epsilon))));
  const y = add(multiply(multiply(centered, inverse), weight), bias);
  return {
    y,
    mean: average.reshape([-1]),
    variance: variance.reshape([-1]),
    inverseDeviation: inverse.reshape([-1]),
  };
}

/** What `normalized` had; all in shapes that broadcast with x. */
interface Known {
  readonly dy: Tensor;
  readonly x: Tensor;
  readonly weight: Tensor;
  readonly mean: Tensor;
  readonly inverseDeviation: Tensor;
}

/** g = weight · dy:  dx = (g − mean(g) − x̂ · mean(g · x̂)) · inverseDeviation, and what sums to dweight and dbias. */
function normalizedGradient(known: Known, axes: readonly number[]): { dx: Tensor; weightUses: Tensor } {
  const normal = multiply(subtract(known.x, known.mean), known.inverseDeviation);
  const g = multiply(known.dy, known.weight);
  const tangent = subtract(subtract(g, mean(g, axes)), multiply(normal, mean(multiply(g, normal), axes)));
  return { dx: multiply(tangent, known.inverseDeviation), weightUses: multiply(known.dy, normal) };
}

export function batchNorm(x: Tensor, weight: Tensor, bias: Tensor, epsilon: number) {
  const [w, b] = [weight, bias].map((vector) => alongChannels(vector, x.shape));
  return normalized(x, w, b, epsilon, allButChannels(x.shape));
}

export function batchNormGradient(dy: Tensor, x: Tensor, weight: Tensor, average: Tensor, inverse: Tensor) {
  const [w, m, inverseDeviation] = [weight, average, inverse].map((vector) => alongChannels(vector, x.shape));
  const axes = allButChannels(x.shape);
  const { dx, weightUses } = normalizedGradient({ dy, x, weight: w, mean: m, inverseDeviation }, axes);
  return { dx, dweight: sum(weightUses, axes, false), dbias: sum(dy, axes, false) };
}

export function layerNorm(x: Tensor, weight: Tensor, bias: Tensor, epsilon: number) {
  const { y, mean: average, inverseDeviation } = normalized(x, weight, bias, epsilon, [x.rank - 1]);
  return { y, mean: average, inverseDeviation };
}

export function layerNormGradient(dy: Tensor, x: Tensor, weight: Tensor, average: Tensor, inverse: Tensor) {
  const perRow = [...x.shape.slice(0, -1), 1];
  const [m, inverseDeviation] = [average.reshape(perRow), inverse.reshape(perRow)];
  const { dx, weightUses } = normalizedGradient({ dy, x, weight, mean: m, inverseDeviation }, [x.rank - 1]);
  const rows = [...x.shape.keys()].slice(0, -1);
  return { dx, dweight: sum(weightUses, rows, false), dbias: sum(dy, rows, false) };
}
