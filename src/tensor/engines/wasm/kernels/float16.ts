/**
 * Rows kept as IEEE 754 binary16 (1 sign, 5 exponent, 10 fraction bits) and computed with in float32.
 *
 * Widening is exact. Narrowing rounds to the nearest half, ties to even, also among subnormal halves (multiples of 2^-24); from 65,520 on
 * it gives ∞. A NaN stays a NaN: its upper ten payload bits stay, and narrowing makes it quiet.
 */
import { BLOCK, floats } from "./common";

// @ts-ignore: decorator
@inline
function halves(count: i32): usize {
  return (<usize>count) << 1;
}

/** Four halves, in the low 16 bits of four lanes, as floats. */
// @ts-ignore: decorator
@inline
function widen4(h: v128): v128 {
  const size = v128.and(h, i32x4.splat(0x7fff));
  // the exponent's bias is 15 in a half and 127 in a float; ∞ and NaN go the same distance once more, to exponent 255
  const shift = i32x4.splat(112 << 23);
  let normal = i32x4.add(i32x4.shl(size, 13), shift);
  normal = i32x4.add(normal, v128.and(shift, i32x4.gt_s(size, i32x4.splat(0x7bff))));
  const subnormal = f32x4.mul(f32x4.convert_i32x4_s(size), f32x4.splat(5.960464477539063e-8)); // 2^-24
  const value = v128.bitselect(subnormal, normal, i32x4.lt_s(size, i32x4.splat(0x400)));
  return v128.or(value, i32x4.shl(v128.and(h, i32x4.splat(0x8000)), 16));
}

/** Four floats as halves, in the low 16 bits of four lanes. */
// @ts-ignore: decorator
@inline
function narrow4(x: v128): v128 {
  const size = v128.and(x, i32x4.splat(0x7fffffff));
  // 13 fraction bits go: half a unit less one is added, and one more where the last bit that stays is odd; a carry moves the exponent
  const odd = v128.and(i32x4.shr_u(size, 13), i32x4.splat(1));
  const rounded = i32x4.add(i32x4.add(size, odd), i32x4.splat(0xfff - (112 << 23)));
  const normal = i32x4.min_s(i32x4.shr_u(rounded, 13), i32x4.splat(0x7c00));
  // in [½, 1) floats are 2^-24 apart, so the adder rounds to subnormal halves
  const subnormal = i32x4.sub(f32x4.add(size, f32x4.splat(0.5)), f32x4.splat(0.5));
  const nan = v128.or(v128.and(i32x4.shr_u(size, 13), i32x4.splat(0x3ff)), i32x4.splat(0x7e00));
  let half = v128.bitselect(subnormal, normal, i32x4.lt_s(size, i32x4.splat(113 << 23)));
  half = v128.bitselect(nan, half, i32x4.gt_s(size, i32x4.splat(0x7f800000)));
  return v128.or(half, v128.and(i32x4.shr_u(x, 16), i32x4.splat(0x8000)));
}

/** count halves from `source` as floats to `target`. */
export function widenRow(source: usize, target: usize, count: i32): void {
  let from = source;
  let to = target;
  let left = count;
  for (; left >= 8; left -= 8, from += 16, to += 32) {
    const h = v128.load(from);
    v128.store(to, widen4(i32x4.extend_low_i16x8_u(h)));
    v128.store(to, widen4(i32x4.extend_high_i16x8_u(h)), 16);
  }
  for (; left > 0; left--, from += 2, to += 4) {
    v128.store_lane<f32>(to, widen4(i32x4.splat(<i32>load<u16>(from))), 0);
  }
}

/** count floats from `source`, rounded, to halves at `target`. */
export function narrowRow(source: usize, target: usize, count: i32): void {
  let from = source;
  let to = target;
  let left = count;
  for (; left >= 8; left -= 8, from += 32, to += 16) {
    v128.store(to, i16x8.narrow_i32x4_u(narrow4(v128.load(from)), narrow4(v128.load(from, 16))));
  }
  for (; left > 0; left--, from += 4, to += 2) {
    v128.store_lane<u16>(to, narrow4(v128.load32_splat(from)), 0);
  }
}

/** n halves as floats. Item: a block of `BLOCK` elements. */
export function widen(begin: i32, end: i32, scratch: usize, x: usize, y: usize, n: i32): void {
  const start = begin * BLOCK;
  widenRow(x + halves(start), y + floats(start), min(end * BLOCK, n) - start);
}

/** n floats as halves. Item: a block of `BLOCK` elements. */
export function narrow(begin: i32, end: i32, scratch: usize, x: usize, y: usize, n: i32): void {
  const start = begin * BLOCK;
  narrowRow(x + floats(start), y + halves(start), min(end * BLOCK, n) - start);
}

/** gatherRows from a table of halves. Item: one row of the result. */
export function gatherHalfRows(
  begin: i32, end: i32, scratch: usize, x: usize, index: usize, y: usize, columns: i32,
): void {
  const bytes = halves(columns);
  for (let item = begin; item < end; item++) {
    widenRow(x + <usize>load<i32>(index + floats(item)) * bytes, y + floats(item) * <usize>columns, columns);
  }
}

/** writeRows into a table of halves. Item: one row of x; no row of y twice, unless one thread does all. */
export function writeHalfRows(
  begin: i32, end: i32, scratch: usize, x: usize, index: usize, y: usize, columns: i32,
): void {
  const bytes = halves(columns);
  for (let item = begin; item < end; item++) {
    narrowRow(x + floats(item) * <usize>columns, y + <usize>load<i32>(index + floats(item)) * bytes, columns);
  }
}
