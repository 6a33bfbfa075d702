/**
 * exp, log, tanh, sigmoid and erf of four floats at once.
 *
 * The textbook way: reduce the argument to a short interval, evaluate a polynomial there, undo the reduction. The coefficients
 * were fitted for this file (weighted least squares, reweighted towards the smallest largest error). Errors, measured over the whole
 * range by test/tensor/engines/wasm/functions.test.ts: under 2 units in the last place for exp and log, 2.5 for sigmoid, 3 for tanh and erf.
 */

import { multiplyAdd } from "./multiplyAdd";

// @ts-ignore: decorator
@inline
function fma(a: v128, b: v128, c: f32): v128 {
  return f32x4.add(f32x4.mul(a, b), f32x4.splat(c));
}

/** e^x = 2^n · e^r with |r| <= ln 2 / 2. Overflow gives ∞, underflow 0 by way of subnormal numbers, NaN stays NaN. */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  // pmin and pmax keep a NaN that is their first argument
  const bounded = f32x4.pmax(f32x4.pmin(x, f32x4.splat(89)), f32x4.splat(-104));
  // Adding 1.5 · 2^23 rounds to a whole number, which then stands in the low bits
  const magic = f32x4.splat(12582912);
  const shifted = f32x4.add(f32x4.mul(bounded, f32x4.splat(1.44269502)), magic);
  const n = f32x4.sub(shifted, magic);
  // ln 2 in two parts: n · 0.693359375 is exact
  const r = f32x4.add(
    f32x4.sub(bounded, f32x4.mul(n, f32x4.splat(0.693359375))),
    f32x4.mul(n, f32x4.splat(2.12194440e-4)),
  );
  let p = fma(f32x4.splat(0.0013814599951729178), r, 0.008368715643882751);
  p = fma(p, r, 0.04166838899254799);
  p = fma(p, r, 0.1666652113199234);
  p = fma(p, r, 0.4999999403953552);
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  // 2^n in two factors, because n runs from −150 to 128
  const whole = i32x4.sub(shifted, magic);
  const half = i32x4.shr_s(whole, 1);
  const bias = i32x4.splat(127);
  const first = i32x4.shl(i32x4.add(half, bias), 23);
  const second = i32x4.shl(i32x4.add(i32x4.sub(whole, half), bias), 23);
  return f32x4.mul(f32x4.mul(p, first), second);
}

/** e^x for x <= 0, in fewer steps: what is under e^−87 = 1.6e-38 becomes that. Anything for larger x; NaN stays NaN. */
// @ts-ignore: decorator
@inline
export function expNegative4(x: v128): v128 {
  const bounded = f32x4.pmax(x, f32x4.splat(-87));
  const magic = f32x4.splat(12582912);
  const shifted = multiplyAdd(bounded, f32x4.splat(1.44269502), magic);
  const n = f32x4.sub(shifted, magic);
  const r = multiplyAdd(n, f32x4.splat(2.12194440e-4), multiplyAdd(n, f32x4.splat(-0.693359375), bounded));
  let p = multiplyAdd(f32x4.splat(0.0013814599951729178), r, f32x4.splat(0.008368715643882751));
  p = multiplyAdd(p, r, f32x4.splat(0.04166838899254799));
  p = multiplyAdd(p, r, f32x4.splat(0.1666652113199234));
  p = multiplyAdd(p, r, f32x4.splat(0.4999999403953552));
  p = f32x4.add(multiplyAdd(p, f32x4.mul(r, r), r), f32x4.splat(1));
  return i32x4.add(p, i32x4.shl(shifted, 23)); // n stands in the low bits of `shifted`, and is added to the exponent
}

/** ln x = e · ln 2 + ln m with m in [√½, √2). ln 0 = −∞; NaN for negative numbers. */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  // subnormal numbers are made normal first
  const tiny = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const scaled = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, tiny);
  const shifted = i32x4.sub(scaled, i32x4.splat(0x3f3504f3)); // bits of √½
  const exponent = i32x4.shr_s(shifted, 23);
  const mantissa = i32x4.add(v128.and(shifted, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
  const e = f32x4.sub(f32x4.convert_i32x4_s(exponent), v128.and(tiny, f32x4.splat(23)));
  const f = f32x4.sub(mantissa, f32x4.splat(1));
  const square = f32x4.mul(f, f);
  let p = fma(f32x4.splat(0.06746601313352585), f, -0.11675640940666199);
  p = fma(p, f, 0.11888174712657928);
  p = fma(p, f, -0.12405591458082199);
  p = fma(p, f, 0.14219550788402557);
  p = fma(p, f, -0.1666799634695053);
  p = fma(p, f, 0.2000211924314499);
  p = fma(p, f, -0.25000008940696716);
  p = fma(p, f, 0.3333331346511841);
  // the small terms first: f³·P + e·ln2(low) − f²/2, then f, then e·ln2(high)
  let y = f32x4.mul(p, f32x4.mul(square, f));
  y = f32x4.sub(y, f32x4.mul(e, f32x4.splat(2.12194440e-4)));
  y = f32x4.sub(y, f32x4.mul(square, f32x4.splat(0.5)));
  y = f32x4.add(f32x4.mul(e, f32x4.splat(0.693359375)), f32x4.add(f, y));
  const zero = f32x4.splat(0);
  y = v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, zero));
  y = v128.bitselect(f32x4.splat(NaN), y, f32x4.lt(x, zero));
  // ∞ and NaN are their own logarithms
  return v128.bitselect(y, x, f32x4.lt(x, f32x4.splat(Infinity)));
}

/** 1 / (1 + e^−x), through e^−|x| so that nothing overflows. */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1);
  const e = exp4(f32x4.neg(f32x4.abs(x)));
  const numerator = v128.bitselect(e, one, f32x4.lt(x, f32x4.splat(0)));
  return f32x4.div(numerator, f32x4.add(one, e));
}

/** x + x³·P(x²) near zero, else 1 − 2 / (e^2|x| + 1) with the sign of x. */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const size = f32x4.abs(x);
  const square = f32x4.mul(x, x);
  let p = fma(f32x4.splat(-0.005704991053789854), square, 0.020639091730117798);
  p = fma(p, square, -0.05373971536755562);
  p = fma(p, square, 0.13331441581249237);
  p = fma(p, square, -0.3333328068256378);
  const near = f32x4.add(x, f32x4.mul(f32x4.mul(p, square), x));
  const one = f32x4.splat(1);
  const e = exp4(f32x4.add(size, size));
  const far = f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(e, one)));
  return v128.bitselect(near, withSign(far, x), f32x4.lt(size, f32x4.splat(0.625)));
}

/** x + x·P(x²) for |x| < 1, else 1 − e^Q(|x|) with the sign of x, where Q is the logarithm of the complement. */
// @ts-ignore: decorator
@inline
export function erf4(x: v128): v128 {
  const size = f32x4.abs(x);
  const square = f32x4.mul(x, x);
  let p = fma(f32x4.splat(7.854008435970172e-5), square, -0.0008010242017917335);
  p = fma(p, square, 0.005188333801925182);
  p = fma(p, square, -0.026853814721107483);
  p = fma(p, square, 0.1128358542919159);
  p = fma(p, square, -0.3761262595653534);
  p = fma(p, square, 0.12837916612625122);
  const near = f32x4.add(x, f32x4.mul(p, x));
  const t = f32x4.sub(f32x4.pmin(size, f32x4.splat(4)), f32x4.splat(2)); // erf 4 rounds to 1
  let q = fma(f32x4.splat(0.0001855748996604234), t, -0.0007127170101739466);
  q = fma(q, t, 0.0035436872858554125);
  q = fma(q, t, -0.016487272456288338);
  q = fma(q, t, -0.9237530827522278);
  q = fma(q, t, -4.418159484863281);
  q = fma(q, t, -5.364941120147705);
  const far = f32x4.sub(f32x4.splat(1), exp4(q));
  return v128.bitselect(near, withSign(far, x), f32x4.lt(size, f32x4.splat(1)));
}

/** |y| with the sign of x. */
// @ts-ignore: decorator
@inline
function withSign(y: v128, x: v128): v128 {
  return v128.or(y, v128.and(x, i32x4.splat(0x80000000)));
}
