/** Elementwise kernels. Flat ones: an item is a block of `BLOCK` elements; `…Rows`: an item is one row of the result. */
import { BLOCK, floats } from "./common";
import { erf4, exp4, log4, sigmoid4, tanh4 } from "./functions";

// Positions in UNARY_NAMES of ../elementwise.ts.
const NEGATE: i32 = 0;
const ABSOLUTE: i32 = 1;
const EXP: i32 = 2;
const LOG: i32 = 3;
const SQRT: i32 = 4;
const SQUARE: i32 = 5;
const RECIPROCAL: i32 = 6;
const SIGN: i32 = 7;
const SIN: i32 = 8;
const COS: i32 = 9;
const ARCCOS: i32 = 10;
const TANH: i32 = 11;
const SIGMOID: i32 = 12;
const ERF: i32 = 13;

// Positions in BINARY_NAMES of ../elementwise.ts.
const ADD: i32 = 0;
const SUBTRACT: i32 = 1;
const MULTIPLY: i32 = 2;
const DIVIDE: i32 = 3;
const MAXIMUM: i32 = 4;
const MINIMUM: i32 = 5;
const POWER: i32 = 6;
const GREATER: i32 = 7;
const GREATER_EQUAL: i32 = 8;
const EQUAL: i32 = 9;

/**
 * The library function of one float, lane by lane. Sine and cosine go through float64: those of the library in float32 lose the angle beyond
 * π · 2^28, and are no sine at all between 2^89 and 2^90.
 */
// @ts-ignore: decorator
@inline
function single(op: i32, x: f32): f32 {
  if (op == SIN) return f32(Math.sin(f64(x)));
  if (op == COS) return f32(Math.cos(f64(x)));
  return Mathf.acos(x);
}

// @ts-ignore: decorator
@inline
function signOf(x: v128): v128 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const s = f32x4.sub(v128.and(f32x4.gt(x, zero), one), v128.and(f32x4.lt(x, zero), one));
  return v128.bitselect(s, x, f32x4.eq(x, x));
}

// @ts-ignore: decorator
@inline
function applied(op: i32, x: v128): v128 {
  if (op == NEGATE) return f32x4.neg(x);
  if (op == ABSOLUTE) return f32x4.abs(x);
  if (op == EXP) return exp4(x);
  if (op == LOG) return log4(x);
  if (op == SQRT) return f32x4.sqrt(x);
  if (op == SQUARE) return f32x4.mul(x, x);
  if (op == RECIPROCAL) return f32x4.div(f32x4.splat(1), x);
  if (op == SIGN) return signOf(x);
  if (op == TANH) return tanh4(x);
  if (op == SIGMOID) return sigmoid4(x);
  if (op == ERF) return erf4(x);
  let y = f32x4.splat(single(op, f32x4.extract_lane(x, 0)));
  y = f32x4.replace_lane(y, 1, single(op, f32x4.extract_lane(x, 1)));
  y = f32x4.replace_lane(y, 2, single(op, f32x4.extract_lane(x, 2)));
  return f32x4.replace_lane(y, 3, single(op, f32x4.extract_lane(x, 3)));
}

// @ts-ignore: decorator
@inline
function unaryLoop(op: i32, x: usize, y: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) v128.store(y + floats(i), applied(op, v128.load(x + floats(i))));
}

// Each operation is a function of its own: with all loops in one, squares are made at 14 GB/s in place of 42 (1 MB, one thread).
function negateLoop(x: usize, y: usize, count: i32): void {
  unaryLoop(NEGATE, x, y, count);
}
function absoluteLoop(x: usize, y: usize, count: i32): void {
  unaryLoop(ABSOLUTE, x, y, count);
}
function expLoop(x: usize, y: usize, count: i32): void {
  unaryLoop(EXP, x, y, count);
}
function logLoop(x: usize, y: usize, count: i32): void {
  unaryLoop(LOG, x, y, count);
}
function sqrtLoop(x: usize, y: usize, count: i32): void {
  unaryLoop(SQRT, x, y, count);
}
function squareLoop(x: usize, y: usize, count: i32): void {
  unaryLoop(SQUARE, x, y, count);
}
function reciprocalLoop(x: usize, y: usize, count: i32): void {
  unaryLoop(RECIPROCAL, x, y, count);
}
function signLoop(x: usize, y: usize, count: i32): void {
  unaryLoop(SIGN, x, y, count);
}
function sinLoop(x: usize, y: usize, count: i32): void {
  unaryLoop(SIN, x, y, count);
}
function cosLoop(x: usize, y: usize, count: i32): void {
  unaryLoop(COS, x, y, count);
}
function arccosLoop(x: usize, y: usize, count: i32): void {
  unaryLoop(ARCCOS, x, y, count);
}
function tanhLoop(x: usize, y: usize, count: i32): void {
  unaryLoop(TANH, x, y, count);
}
function sigmoidLoop(x: usize, y: usize, count: i32): void {
  unaryLoop(SIGMOID, x, y, count);
}
function erfLoop(x: usize, y: usize, count: i32): void {
  unaryLoop(ERF, x, y, count);
}

export function unary(begin: i32, end: i32, scratch: usize, op: i32, x: usize, y: usize, n: i32): void {
  const start = begin * BLOCK;
  const from = x + floats(start);
  const to = y + floats(start);
  const count = min(end * BLOCK, n) - start;
  switch (op) {
    case NEGATE: return negateLoop(from, to, count);
    case ABSOLUTE: return absoluteLoop(from, to, count);
    case EXP: return expLoop(from, to, count);
    case LOG: return logLoop(from, to, count);
    case SQRT: return sqrtLoop(from, to, count);
    case SQUARE: return squareLoop(from, to, count);
    case RECIPROCAL: return reciprocalLoop(from, to, count);
    case SIGN: return signLoop(from, to, count);
    case SIN: return sinLoop(from, to, count);
    case COS: return cosLoop(from, to, count);
    case ARCCOS: return arccosLoop(from, to, count);
    case TANH: return tanhLoop(from, to, count);
    case SIGMOID: return sigmoidLoop(from, to, count);
    case ERF: return erfLoop(from, to, count);
  }
}

// @ts-ignore: decorator
@inline
function combined(op: i32, a: v128, b: v128): v128 {
  if (op == ADD) return f32x4.add(a, b);
  if (op == SUBTRACT) return f32x4.sub(a, b);
  if (op == MULTIPLY) return f32x4.mul(a, b);
  if (op == DIVIDE) return f32x4.div(a, b);
  if (op == MAXIMUM) return f32x4.max(a, b);
  if (op == MINIMUM) return f32x4.min(a, b);
  if (op == GREATER) return v128.and(f32x4.gt(a, b), f32x4.splat(1));
  if (op == GREATER_EQUAL) return v128.and(f32x4.ge(a, b), f32x4.splat(1));
  if (op == EQUAL) return v128.and(f32x4.eq(a, b), f32x4.splat(1));
  let y = f32x4.splat(Mathf.pow(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0)));
  y = f32x4.replace_lane(y, 1, Mathf.pow(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1)));
  y = f32x4.replace_lane(y, 2, Mathf.pow(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2)));
  return f32x4.replace_lane(y, 3, Mathf.pow(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3)));
}

/** count elements of a row; aStep and bStep are 1, or 0 for one number that stands for all. Writes not past the end. */
// @ts-ignore: decorator
@inline
function binaryRow(op: i32, a: usize, aStep: i32, b: usize, bStep: i32, y: usize, count: i32): void {
  let p = a;
  let q = b;
  let to = y;
  let left = count;
  if (aStep != 0 && bStep != 0) {
    for (; left >= 8; left -= 8, p += 32, q += 32, to += 32) {
      v128.store(to, combined(op, v128.load(p), v128.load(q)));
      v128.store(to, combined(op, v128.load(p, 16), v128.load(q, 16)), 16);
    }
  } else if (bStep == 0) {
    const all = v128.load32_splat(b);
    for (; left >= 8; left -= 8, p += 32, to += 32) {
      v128.store(to, combined(op, v128.load(p), all));
      v128.store(to, combined(op, v128.load(p, 16), all), 16);
    }
  } else {
    const all = v128.load32_splat(a);
    for (; left >= 8; left -= 8, q += 32, to += 32) {
      v128.store(to, combined(op, all, v128.load(q)));
      v128.store(to, combined(op, all, v128.load(q, 16)), 16);
    }
  }
  const aNext = floats(aStep);
  const bNext = floats(bStep);
  for (; left > 0; left--, p += aNext, q += bNext, to += 4) {
    v128.store32_lane(to, combined(op, v128.load32_splat(p), v128.load32_splat(q)), 0);
  }
}

/** Each operation is a function of its own: with all loops in one, added numbers pass at 17 GB/s in place of 39 (8 MB, one thread). */
function addRow(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, count: i32): void {
  binaryRow(ADD, a, aStep, b, bStep, y, count);
}

function subtractRow(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, count: i32): void {
  binaryRow(SUBTRACT, a, aStep, b, bStep, y, count);
}

function multiplyRow(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, count: i32): void {
  binaryRow(MULTIPLY, a, aStep, b, bStep, y, count);
}

function divideRow(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, count: i32): void {
  binaryRow(DIVIDE, a, aStep, b, bStep, y, count);
}

function maximumRow(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, count: i32): void {
  binaryRow(MAXIMUM, a, aStep, b, bStep, y, count);
}

function minimumRow(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, count: i32): void {
  binaryRow(MINIMUM, a, aStep, b, bStep, y, count);
}

function powerRow(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, count: i32): void {
  binaryRow(POWER, a, aStep, b, bStep, y, count);
}

function greaterRow(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, count: i32): void {
  binaryRow(GREATER, a, aStep, b, bStep, y, count);
}

function greaterEqualRow(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, count: i32): void {
  binaryRow(GREATER_EQUAL, a, aStep, b, bStep, y, count);
}

function equalRow(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, count: i32): void {
  binaryRow(EQUAL, a, aStep, b, bStep, y, count);
}

function binaryAny(op: i32, a: usize, aStep: i32, b: usize, bStep: i32, y: usize, count: i32): void {
  switch (op) {
    case ADD: return addRow(a, aStep, b, bStep, y, count);
    case SUBTRACT: return subtractRow(a, aStep, b, bStep, y, count);
    case MULTIPLY: return multiplyRow(a, aStep, b, bStep, y, count);
    case DIVIDE: return divideRow(a, aStep, b, bStep, y, count);
    case MAXIMUM: return maximumRow(a, aStep, b, bStep, y, count);
    case MINIMUM: return minimumRow(a, aStep, b, bStep, y, count);
    case POWER: return powerRow(a, aStep, b, bStep, y, count);
    case GREATER: return greaterRow(a, aStep, b, bStep, y, count);
    case GREATER_EQUAL: return greaterEqualRow(a, aStep, b, bStep, y, count);
    case EQUAL: return equalRow(a, aStep, b, bStep, y, count);
  }
}

/** Operands of the size of the result, or single numbers (step 0). */
export function binary(
  begin: i32, end: i32, scratch: usize, op: i32, a: usize, aStep: i32, b: usize, bStep: i32, y: usize, n: i32,
): void {
  const start = begin * BLOCK;
  const count = min(end * BLOCK, n) - start;
  binaryAny(op, a + floats(start * aStep), aStep, b + floats(start * bStep), bStep, y + floats(start), count);
}

/**
 * Broadcasting. Row r of the result begins at elements Σ digit · aStride of a and Σ digit · bStride of b, where the digits are those
 * of r over the outer axes. axes: for every outer axis, from the last to the first: extent, stride of a, stride of b.
 */
export function binaryRows(
  begin: i32, end: i32, scratch: usize,
  op: i32, a: usize, aStep: i32, b: usize, bStep: i32, y: usize, inner: i32, axes: usize, rank: i32,
): void {
  for (let row = begin; row < end; row++) {
    let rest = row;
    let aStart: i32 = 0;
    let bStart: i32 = 0;
    for (let axis = 0; axis < rank; axis++) {
      const entry = axes + <usize>(axis * 12);
      const extent = load<i32>(entry);
      const quotient = rest / extent;
      const digit = rest - quotient * extent;
      aStart += digit * load<i32>(entry, 4);
      bStart += digit * load<i32>(entry, 8);
      rest = quotient;
    }
    binaryAny(op, a + floats(aStart), aStep, b + floats(bStart), bStep, y + floats(row) * <usize>inner, inner);
  }
}

/** y = scale · x + shift */
export function affine(
  begin: i32, end: i32, scratch: usize, x: usize, y: usize, n: i32, scale: f32, shift: f32,
): void {
  const stop = min(end * BLOCK, n);
  const s = f32x4.splat(scale);
  const t = f32x4.splat(shift);
  for (let i = begin * BLOCK; i < stop; i += 4) {
    v128.store(y + floats(i), f32x4.add(f32x4.mul(v128.load(x + floats(i)), s), t));
  }
}

export function clamp(begin: i32, end: i32, scratch: usize, x: usize, y: usize, n: i32, low: f32, high: f32): void {
  const stop = min(end * BLOCK, n);
  const l = f32x4.splat(low);
  const h = f32x4.splat(high);
  // pmin and pmax keep a NaN that is their first argument
  for (let i = begin * BLOCK; i < stop; i += 4) {
    v128.store(y + floats(i), f32x4.pmin(f32x4.pmax(v128.load(x + floats(i)), l), h));
  }
}

export function select(
  begin: i32, end: i32, scratch: usize, condition: usize, yes: usize, no: usize, y: usize, n: i32,
): void {
  const stop = min(end * BLOCK, n);
  const zero = f32x4.splat(0);
  for (let i = begin * BLOCK; i < stop; i += 4) {
    const holds = f32x4.ne(v128.load(condition + floats(i)), zero);
    v128.store(y + floats(i), v128.bitselect(v128.load(yes + floats(i)), v128.load(no + floats(i)), holds));
  }
}

export function fill(begin: i32, end: i32, scratch: usize, y: usize, n: i32, value: f32): void {
  const stop = min(end * BLOCK, n);
  const v = f32x4.splat(value);
  for (let i = begin * BLOCK; i < stop; i += 4) v128.store(y + floats(i), v);
}
