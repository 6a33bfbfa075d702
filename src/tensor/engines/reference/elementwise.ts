/** Kernels that work element by element: computed in double precision, stored in the engine's floating type. */
import type { BinaryName, FloatArray, UnaryName } from "../../engine.js";
import { sizeOf, type Shape } from "../../shape.js";
import { erf } from "./erf.js";
import { elementsOf, type Values } from "./values.js";

const unaryFunctions: Record<UnaryName, (x: number) => number> = {
  negate: (x) => -x,
  absolute: Math.abs,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  square: (x) => x * x,
  reciprocal: (x) => 1 / x,
  sign: Math.sign,
  sin: Math.sin,
  cos: Math.cos,
  arccos: Math.acos,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  erf,
};

const binaryFunctions: Record<BinaryName, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  maximum: Math.max,
  minimum: Math.min,
  power: Math.pow,
  greater: (a, b) => (a > b ? 1 : 0),
  greaterEqual: (a, b) => (a >= b ? 1 : 0),
  equal: (a, b) => (a === b ? 1 : 0),
};

export function unary(name: UnaryName, x: FloatArray, out: FloatArray): void {
  const apply = unaryFunctions[name];
  for (let i = 0; i < out.length; i++) out[i] = apply(x[i]);
}

/** `shape` is what a and b broadcast to. */
export function binary(name: BinaryName, a: Values, b: Values, shape: Shape, out: FloatArray): void {
  const apply = binaryFunctions[name];
  const left = elementsOf(a, shape);
  const right = elementsOf(b, shape);
  for (let i = 0; i < out.length; i++) out[i] = apply(left[i], right[i]);
}

export function affine(x: FloatArray, scale: number, shift: number, out: FloatArray): void {
  for (let i = 0; i < out.length; i++) out[i] = scale * x[i] + shift;
}

export function clamp(x: FloatArray, low: number, high: number, out: FloatArray): void {
  for (let i = 0; i < out.length; i++) out[i] = Math.min(Math.max(x[i], low), high);
}

export function select(condition: FloatArray, yes: FloatArray, no: FloatArray, out: FloatArray): void {
  for (let i = 0; i < out.length; i++) out[i] = condition[i] !== 0 ? yes[i] : no[i];
}

/** Which slope an element of [B, C, …] meets. */
function slopePosition(x: Shape, slopes: number): (element: number) => number {
  if (slopes === 1) return () => 0;
  const inner = sizeOf(x.slice(2));
  return (element) => Math.floor(element / inner) % slopes;
}

export function prelu(x: Values, slope: FloatArray, out: FloatArray): void {
  const position = slopePosition(x.shape, slope.length);
  for (let i = 0; i < out.length; i++) out[i] = x.data[i] > 0 ? x.data[i] : slope[position(i)] * x.data[i];
}

export function preluGradient(
  x: Values,
  slope: FloatArray,
  dy: FloatArray,
  dx: FloatArray,
  dslope: Float64Array,
): void {
  const position = slopePosition(x.shape, slope.length);
  for (let i = 0; i < dx.length; i++) {
    const negative = !(x.data[i] > 0);
    dx[i] = negative ? slope[position(i)] * dy[i] : dy[i];
    if (negative) dslope[position(i)] += x.data[i] * dy[i];
  }
}
