/**
 * Rows of normal numbers, each a function of (key, row, column) alone: `hashNormal` of tensor/random.ts on all threads.
 *
 * The integer hash is the same to the bit; radius and angle are computed in float64 and rounded once, where the element is stored.
 */
import { floats } from "./common";
import { narrowRow } from "./float16";
import { cosine2, logarithm2 } from "./functions64";

// @ts-ignore: decorator
@inline
function mix(h: i32): i32 {
  let bits = (h ^ (h >>> 16)) * 0x85ebca6b;
  bits = (bits ^ (bits >>> 13)) * 0xc2b2ae35;
  return bits ^ (bits >>> 16);
}

// @ts-ignore: decorator
@inline
function mix4(h: v128): v128 {
  let bits = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 16)), i32x4.splat(0x85ebca6b));
  bits = i32x4.mul(v128.xor(bits, i32x4.shr_u(bits, 13)), i32x4.splat(0xc2b2ae35));
  return v128.xor(bits, i32x4.shr_u(bits, 16));
}

/** hashBits of four columns; row: what the row and the key make of each other. */
// @ts-ignore: decorator
@inline
function hash4(row: v128, columns: v128): v128 {
  const next = i32x4.mul(i32x4.add(columns, i32x4.splat(1)), i32x4.splat(0x85ebca77));
  return mix4(i32x4.add(mix4(v128.xor(row, next)), i32x4.splat(0x6d2b79f5)));
}

/** Box and Muller: √(−2 ln u) · cos 2πv of the two low lanes, where u = (a + 1) / 2^32 and v = b / 2^32. */
// @ts-ignore: decorator
@inline
function normal2(a: v128, b: v128): v128 {
  const part = f64x2.splat(2.3283064365386963e-10); // 2^-32
  const u = f64x2.mul(f64x2.add(f64x2.convert_low_i32x4_u(a), f64x2.splat(1)), part);
  const v = f64x2.mul(f64x2.convert_low_i32x4_u(b), part);
  const radius = f64x2.sqrt(f64x2.mul(f64x2.splat(-2), logarithm2(u)));
  return f64x2.mul(radius, cosine2(f64x2.mul(f64x2.splat(6.283185307179586), v)));
}

/** Columns column … column + 3. */
// @ts-ignore: decorator
@inline
function normal4(row: v128, column: i32, deviation: v128): v128 {
  const even = i32x4.add(i32x4.splat(2 * column), i32x4(0, 2, 4, 6));
  const a = hash4(row, even);
  const b = hash4(row, i32x4.add(even, i32x4.splat(1)));
  const low = f64x2.mul(deviation, normal2(a, b));
  const high = f64x2.mul(deviation, normal2(i64x2.shuffle(a, a, 1, 0), i64x2.shuffle(b, b, 1, 0)));
  return i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}

/**
 * y[item] = deviation · N(0, 1), the values of row first + item. Item: one row. half: y is binary16, and scratch has room for a row of floats.
 */
export function normalRows(
  begin: i32, end: i32, scratch: usize,
  y: usize, columns: i32, first: i32, key0: i32, key1: i32, deviation: f64, half: i32,
): void {
  const scale = f64x2.splat(deviation);
  for (let item = begin; item < end; item++) {
    const row = i32x4.splat(mix(key0 ^ ((first + item + 1) * 0x9e3779b1)) ^ key1);
    const to = half ? scratch : y + floats(item) * <usize>columns;
    let column: i32 = 0;
    for (; column + 4 <= columns; column += 4) v128.store(to + floats(column), normal4(row, column, scale));
    if (column < columns) {
      let last = normal4(row, column, scale);
      for (; column < columns; column++) {
        v128.store_lane<f32>(to + floats(column), last, 0);
        last = i32x4.shuffle(last, last, 1, 2, 3, 0);
      }
    }
    if (half) narrowRow(to, y + ((<usize>item * <usize>columns) << 1), columns);
  }
}
