/** Sums, means and extremes over the rows or the columns of [outer, count, inner]. Sums are taken in float64. */
import { floats, maximumRow, minimumRow, promoteHigh, promoteLow, sumRow } from "./common";

// Positions in REDUCTIONS of ../reductions.ts.
const SUM: i32 = 0;
const MAXIMUM: i32 = 1;

/** Elements of one piece of a long row. */
const PIECE: i32 = 16384;

/** inner = 1. Item: one row. y[row] = scale · the reduction of the row; scale is for sums. */
export function reduceRows(
  begin: i32, end: i32, scratch: usize, op: i32, x: usize, y: usize, count: i32, scale: f64,
): void {
  for (let row = begin; row < end; row++) {
    const from = x + floats(row) * <usize>count;
    const to = y + floats(row);
    if (op == SUM) store<f32>(to, <f32>(sumRow(from, count) * scale));
    else store<f32>(to, op == MAXIMUM ? maximumRow(from, count) : minimumRow(from, count));
  }
}

/** Long rows, in pieces of PIECE elements. Item: one piece of one row, whose reduction goes into `partial` as a double. */
export function reducePieces(
  begin: i32, end: i32, scratch: usize, op: i32, x: usize, partial: usize, count: i32, pieces: i32,
): void {
  for (let item = begin; item < end; item++) {
    const row = item / pieces;
    const start = (item % pieces) * PIECE;
    const length = min(PIECE, count - start);
    const from = x + floats(row) * <usize>count + floats(start);
    const to = partial + ((<usize>item) << 3);
    if (op == SUM) store<f64>(to, sumRow(from, length));
    else store<f64>(to, <f64>(op == MAXIMUM ? maximumRow(from, length) : minimumRow(from, length)));
  }
}

/** Puts the pieces together, in order. Item: one row. */
export function reducePartials(
  begin: i32, end: i32, scratch: usize, op: i32, partial: usize, y: usize, pieces: i32, scale: f64,
): void {
  for (let row = begin; row < end; row++) {
    const from = partial + ((<usize>row * <usize>pieces) << 3);
    let total = load<f64>(from);
    for (let k = 1; k < pieces; k++) {
      const value = load<f64>(from + ((<usize>k) << 3));
      if (op == SUM) total += value;
      else total = op == MAXIMUM ? max<f64>(total, value) : min<f64>(total, value);
    }
    store<f32>(y + floats(row), <f32>(op == SUM ? total * scale : total));
  }
}

/** inner > 1. Item: 16 neighbouring columns of one outer index; columns are `inner` apart from row to row. */
export function reduceColumns(
  begin: i32, end: i32, scratch: usize, op: i32, x: usize, y: usize, count: i32, inner: i32, scale: f64,
): void {
  const bands = (inner + 15) >> 4;
  const step = floats(inner);
  for (let item = begin; item < end; item++) {
    const outer = item / bands;
    const left = (item % bands) << 4;
    const right = min(left + 16, inner);
    const from = x + <usize>outer * <usize>count * step;
    const to = y + <usize>outer * step;
    let j = left;
    if (op == SUM) {
      if (j + 16 <= right) {
        sixteenSums(from + floats(j), to + floats(j), count, step, scale);
        j += 16;
      }
      for (; j + 4 <= right; j += 4) fourSums(from + floats(j), to + floats(j), count, step, scale);
      for (; j < right; j++) oneSum(from + floats(j), to + floats(j), count, step, scale);
    } else {
      for (; j + 4 <= right; j += 4) {
        const start = f32x4.splat(op == MAXIMUM ? -Infinity : Infinity);
        let best = start;
        for (let i = 0; i < count; i++) {
          const v = v128.load(from + <usize>i * step + floats(j));
          best = op == MAXIMUM ? f32x4.max(best, v) : f32x4.min(best, v);
        }
        v128.store(to + floats(j), best);
      }
      for (; j < right; j++) {
        let best: f32 = op == MAXIMUM ? -Infinity : Infinity;
        for (let i = 0; i < count; i++) {
          const v = load<f32>(from + <usize>i * step + floats(j));
          best = op == MAXIMUM ? max<f32>(best, v) : min<f32>(best, v);
        }
        store<f32>(to + floats(j), best);
      }
    }
  }
}

function sixteenSums(x: usize, y: usize, count: i32, step: usize, scale: f64): void {
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let e = a;
  let f = a;
  let g = a;
  let h = a;
  for (let i = 0; i < count; i++) {
    const row = x + <usize>i * step;
    const p = v128.load(row);
    const q = v128.load(row, 16);
    const r = v128.load(row, 32);
    const s = v128.load(row, 48);
    a = f64x2.add(a, promoteLow(p));
    b = f64x2.add(b, promoteHigh(p));
    c = f64x2.add(c, promoteLow(q));
    d = f64x2.add(d, promoteHigh(q));
    e = f64x2.add(e, promoteLow(r));
    f = f64x2.add(f, promoteHigh(r));
    g = f64x2.add(g, promoteLow(s));
    h = f64x2.add(h, promoteHigh(s));
  }
  v128.store(y, scaled(a, b, scale));
  v128.store(y, scaled(c, d, scale), 16);
  v128.store(y, scaled(e, f, scale), 32);
  v128.store(y, scaled(g, h, scale), 48);
}

// @ts-ignore: decorator
@inline
function scaled(low: v128, high: v128, scale: f64): v128 {
  const s = f64x2.splat(scale);
  return i64x2.shuffle(
    f32x4.demote_f64x2_zero(f64x2.mul(low, s)),
    f32x4.demote_f64x2_zero(f64x2.mul(high, s)),
    0,
    2,
  );
}

function fourSums(x: usize, y: usize, count: i32, step: usize, scale: f64): void {
  let a = f64x2.splat(0);
  let b = a;
  for (let i = 0; i < count; i++) {
    const v = v128.load(x + <usize>i * step);
    a = f64x2.add(a, promoteLow(v));
    b = f64x2.add(b, promoteHigh(v));
  }
  v128.store(y, scaled(a, b, scale));
}

function oneSum(x: usize, y: usize, count: i32, step: usize, scale: f64): void {
  let sum: f64 = 0;
  for (let i = 0; i < count; i++) sum += <f64>load<f32>(x + <usize>i * step);
  store<f32>(y, <f32>(sum * scale));
}
