/**
 * What all kernel families share: the size of a work item, and sums that are taken in float64.
 *
 * Flat kernels handle whole vectors of four and may run up to three elements past the last one: every tensor begins at a
 * multiple of 64 bytes and owns its memory up to the next one. Kernels that walk over rows may not, and end in single steps.
 */

/** Elements of one work item of a flat kernel: 16 KiB, so that two operands and a result stay in the first-level cache. */
export const BLOCK: i32 = 4096;

/** Elements summed in float32 before they go into a float64 total: 32 additions in each of 8 lanes. */
export const RUN: i32 = 256;

// @ts-ignore: decorator
@inline
export function floats(count: i32): usize {
  return (<usize>count) << 2;
}

/** Sum of the four lanes, in float64. */
// @ts-ignore: decorator
@inline
export function lanes(v: v128): f64 {
  return (
    <f64>f32x4.extract_lane(v, 0) +
    <f64>f32x4.extract_lane(v, 1) +
    (<f64>f32x4.extract_lane(v, 2) + <f64>f32x4.extract_lane(v, 3))
  );
}

// @ts-ignore: decorator
@inline
export function lanes64(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

/** The two upper floats as doubles. */
// @ts-ignore: decorator
@inline
export function promoteHigh(v: v128): v128 {
  return f64x2.promote_low_f32x4(i64x2.shuffle(v, v, 1, 1));
}

// @ts-ignore: decorator
@inline
export function promoteLow(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

/** Sum of a row of floats, in float64. */
export function sumRow(x: usize, count: i32): f64 {
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let from = x;
  let left = count;
  for (; left >= 8; left -= 8, from += 32) {
    const v = v128.load(from);
    const w = v128.load(from, 16);
    a = f64x2.add(a, promoteLow(v));
    b = f64x2.add(b, promoteHigh(v));
    c = f64x2.add(c, promoteLow(w));
    d = f64x2.add(d, promoteHigh(w));
  }
  let sum = lanes64(f64x2.add(f64x2.add(a, b), f64x2.add(c, d)));
  for (; left > 0; left--, from += 4) sum += <f64>load<f32>(from);
  return sum;
}

/** Inner product of two rows of floats, in float64. */
export function dotRow(x: usize, y: usize, count: i32): f64 {
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let from = x;
  let other = y;
  let left = count;
  for (; left >= 8; left -= 8, from += 32, other += 32) {
    const v = v128.load(from);
    const w = v128.load(from, 16);
    const p = v128.load(other);
    const q = v128.load(other, 16);
    a = f64x2.add(a, f64x2.mul(promoteLow(v), promoteLow(p)));
    b = f64x2.add(b, f64x2.mul(promoteHigh(v), promoteHigh(p)));
    c = f64x2.add(c, f64x2.mul(promoteLow(w), promoteLow(q)));
    d = f64x2.add(d, f64x2.mul(promoteHigh(w), promoteHigh(q)));
  }
  let sum = lanes64(f64x2.add(f64x2.add(a, b), f64x2.add(c, d)));
  for (; left > 0; left--, from += 4, other += 4) sum += <f64>load<f32>(from) * <f64>load<f32>(other);
  return sum;
}

/** The largest element of a row; NaN where one is NaN. */
export function maximumRow(x: usize, count: i32): f32 {
  let a = f32x4.splat(-Infinity);
  let b = a;
  let c = a;
  let d = a;
  let from = x;
  let left = count;
  for (; left >= 16; left -= 16, from += 64) {
    a = f32x4.max(a, v128.load(from));
    b = f32x4.max(b, v128.load(from, 16));
    c = f32x4.max(c, v128.load(from, 32));
    d = f32x4.max(d, v128.load(from, 48));
  }
  a = f32x4.max(f32x4.max(a, b), f32x4.max(c, d));
  for (; left > 0; left--, from += 4) a = f32x4.max(a, v128.load32_splat(from));
  return max<f32>(
    max<f32>(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1)),
    max<f32>(f32x4.extract_lane(a, 2), f32x4.extract_lane(a, 3)),
  );
}

/** The smallest element of a row; NaN where one is NaN. */
export function minimumRow(x: usize, count: i32): f32 {
  let a = f32x4.splat(Infinity);
  let b = a;
  let c = a;
  let d = a;
  let from = x;
  let left = count;
  for (; left >= 16; left -= 16, from += 64) {
    a = f32x4.min(a, v128.load(from));
    b = f32x4.min(b, v128.load(from, 16));
    c = f32x4.min(c, v128.load(from, 32));
    d = f32x4.min(d, v128.load(from, 48));
  }
  a = f32x4.min(f32x4.min(a, b), f32x4.min(c, d));
  for (; left > 0; left--, from += 4) a = f32x4.min(a, v128.load32_splat(from));
  return min<f32>(
    min<f32>(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1)),
    min<f32>(f32x4.extract_lane(a, 2), f32x4.extract_lane(a, 3)),
  );
}

/** y = scale · x */
export function scaleRow(x: usize, y: usize, count: i32, scale: f32): void {
  const s = f32x4.splat(scale);
  let i: i32 = 0;
  for (; i + 4 <= count; i += 4) v128.store(y + floats(i), f32x4.mul(v128.load(x + floats(i)), s));
  for (; i < count; i++) store<f32>(y + floats(i), load<f32>(x + floats(i)) * scale);
}
