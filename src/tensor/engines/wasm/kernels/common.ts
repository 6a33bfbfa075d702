/**
 * What all kernel families share: the size of a work item, and sums that are taken in float64.
 *
 * Flat kernels handle whole vectors of four and may run up to three elements past the last one: every tensor begins at a
 * multiple of 64 bytes and owns its memory up to the next one. Kernels that walk over rows may not, and end in single steps.
 */

/** Elements of one work item of a flat kernel: 16 KiB, so that two operands and a result stay in the first-level cache. */
export const BLOCK: i32 = 4096;

/** Elements summed in float32 before they go into a float64 total: 32 additions in each of 16 lanes. */
export const RUN: i32 = 512;

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
  let i: i32 = 0;
  for (; i + 8 <= count; i += 8) {
    const v = v128.load(x + floats(i));
    const w = v128.load(x + floats(i), 16);
    a = f64x2.add(a, promoteLow(v));
    b = f64x2.add(b, promoteHigh(v));
    c = f64x2.add(c, promoteLow(w));
    d = f64x2.add(d, promoteHigh(w));
  }
  let sum = lanes64(f64x2.add(f64x2.add(a, b), f64x2.add(c, d)));
  for (; i < count; i++) sum += <f64>load<f32>(x + floats(i));
  return sum;
}

/** Inner product of two rows of floats, in float64. */
export function dotRow(x: usize, y: usize, count: i32): f64 {
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let i: i32 = 0;
  for (; i + 8 <= count; i += 8) {
    const v = v128.load(x + floats(i));
    const w = v128.load(x + floats(i), 16);
    const p = v128.load(y + floats(i));
    const q = v128.load(y + floats(i), 16);
    a = f64x2.add(a, f64x2.mul(promoteLow(v), promoteLow(p)));
    b = f64x2.add(b, f64x2.mul(promoteHigh(v), promoteHigh(p)));
    c = f64x2.add(c, f64x2.mul(promoteLow(w), promoteLow(q)));
    d = f64x2.add(d, f64x2.mul(promoteHigh(w), promoteHigh(q)));
  }
  let sum = lanes64(f64x2.add(f64x2.add(a, b), f64x2.add(c, d)));
  for (; i < count; i++) sum += <f64>load<f32>(x + floats(i)) * <f64>load<f32>(y + floats(i));
  return sum;
}

/** The largest element of a row; NaN where one is NaN. */
export function maximumRow(x: usize, count: i32): f32 {
  let a = f32x4.splat(-Infinity);
  let b = a;
  let i: i32 = 0;
  for (; i + 8 <= count; i += 8) {
    a = f32x4.max(a, v128.load(x + floats(i)));
    b = f32x4.max(b, v128.load(x + floats(i), 16));
  }
  a = f32x4.max(a, b);
  let best = max<f32>(
    max<f32>(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1)),
    max<f32>(f32x4.extract_lane(a, 2), f32x4.extract_lane(a, 3)),
  );
  for (; i < count; i++) best = max<f32>(best, load<f32>(x + floats(i)));
  return best;
}

/** The smallest element of a row; NaN where one is NaN. */
export function minimumRow(x: usize, count: i32): f32 {
  let a = f32x4.splat(Infinity);
  let b = a;
  let i: i32 = 0;
  for (; i + 8 <= count; i += 8) {
    a = f32x4.min(a, v128.load(x + floats(i)));
    b = f32x4.min(b, v128.load(x + floats(i), 16));
  }
  a = f32x4.min(a, b);
  let best = min<f32>(
    min<f32>(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1)),
    min<f32>(f32x4.extract_lane(a, 2), f32x4.extract_lane(a, 3)),
  );
  for (; i < count; i++) best = min<f32>(best, load<f32>(x + floats(i)));
  return best;
}
