/** Softmax and normalisation of rows. Item: one row of [N, M]. */
import { dotRow, floats, lanes64, maximumRow, promoteHigh, promoteLow, scaleRow } from "./common";
import { exp4 } from "./functions";

/** y = e^(x − max) / Σ e^(x − max). A row that fits the cache is read from memory once. */
export function softmaxRows(begin: i32, end: i32, scratch: usize, x: usize, y: usize, columns: i32): void {
  for (let row = begin; row < end; row++) {
    const from = x + floats(row) * <usize>columns;
    const to = y + floats(row) * <usize>columns;
    const top = f32x4.splat(maximumRow(from, columns));
    let a = f64x2.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let p = from;
    let q = to;
    let left = columns;
    for (; left >= 8; left -= 8, p += 32, q += 32) {
      const e = exp4(f32x4.sub(v128.load(p), top));
      const f = exp4(f32x4.sub(v128.load(p, 16), top));
      v128.store(q, e);
      v128.store(q, f, 16);
      a = f64x2.add(a, promoteLow(e));
      b = f64x2.add(b, promoteHigh(e));
      c = f64x2.add(c, promoteLow(f));
      d = f64x2.add(d, promoteHigh(f));
    }
    let sum = lanes64(f64x2.add(f64x2.add(a, b), f64x2.add(c, d)));
    for (; left > 0; left--, p += 4, q += 4) {
      const e = exp4(f32x4.sub(v128.load32_splat(p), top));
      v128.store32_lane(q, e, 0);
      sum += <f64>f32x4.extract_lane(e, 0);
    }
    scaleRow(to, to, columns, <f32>(1 / sum));
  }
}

/** y = x / max(‖x‖, epsilon); norm = ‖x‖ */
export function normalizeRows(
  begin: i32, end: i32, scratch: usize, x: usize, y: usize, norm: usize, columns: i32, epsilon: f64,
): void {
  for (let row = begin; row < end; row++) {
    const from = x + floats(row) * <usize>columns;
    const to = y + floats(row) * <usize>columns;
    const length = sqrt<f64>(dotRow(from, from, columns));
    store<f32>(norm + floats(row), <f32>length);
    const divisor = <f32>max<f64>(length, epsilon);
    const d = f32x4.splat(divisor);
    let i: i32 = 0;
    for (; i + 4 <= columns; i += 4) v128.store(to + floats(i), f32x4.div(v128.load(from + floats(i)), d));
    for (; i < columns; i++) store<f32>(to + floats(i), load<f32>(from + floats(i)) / divisor);
  }
}

/** dx = (dy − y·⟨y, dy⟩) / norm, or dy / epsilon where the norm is under epsilon. */
export function normalizeRowsGradient(
  begin: i32, end: i32, scratch: usize, dy: usize, y: usize, norm: usize, dx: usize, columns: i32, epsilon: f64,
): void {
  for (let row = begin; row < end; row++) {
    const offset = floats(row) * <usize>columns;
    const length = load<f32>(norm + floats(row));
    const floored = <f64>length < epsilon;
    const projection: f32 = floored ? <f32>0 : <f32>dotRow(y + offset, dy + offset, columns);
    const divisor: f32 = floored ? <f32>epsilon : length;
    const p = f32x4.splat(projection);
    const d = f32x4.splat(divisor);
    let i: i32 = 0;
    for (; i + 4 <= columns; i += 4) {
      const at = offset + floats(i);
      const tangent = f32x4.sub(v128.load(dy + at), f32x4.mul(v128.load(y + at), p));
      v128.store(dx + at, f32x4.div(tangent, d));
    }
    for (; i < columns; i++) {
      const at = offset + floats(i);
      store<f32>(dx + at, (load<f32>(dy + at) - load<f32>(y + at) * projection) / divisor);
    }
  }
}
