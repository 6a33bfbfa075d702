/**
 * ln and cos of two doubles at once, after fdlibm (Sun Microsystems 1993), which JavaScript engines follow too: the same steps in the same
 * order, so that numbers drawn here are those that JavaScript draws. Branches have become choices between lanes.
 *
 * Left out: arguments outside of what random numbers need, and fdlibm's shortcuts for arguments next to 1 and to multiples of π/2,
 * where the last bit of a double may differ.
 */

// @ts-ignore: decorator
@inline
function plus(a: v128, b: f64): v128 {
  return f64x2.add(a, f64x2.splat(b));
}

/** ln x for normal x > 0: x = 2^k (1 + f) with 1 + f in [√½, √2), s = f / (2 + f), ln(1 + f) = f − s (f − R(s²)) */
// @ts-ignore: decorator
@inline
export function logarithm2(x: v128): v128 {
  const fraction = v128.and(x, i64x2.splat(0x000f_ffff_ffff_ffff));
  const carry = v128.and(i64x2.add(fraction, i64x2.splat(0x95f64 << 32)), i64x2.splat(1 << 52));
  const exponent = i64x2.add(i64x2.shr_u(x, 52), i64x2.shr_u(carry, 52));
  const k = plus(f64x2.convert_low_i32x4_s(i32x4.shuffle(exponent, exponent, 0, 2, 1, 3)), -1023);
  const mantissa = v128.or(fraction, v128.xor(carry, i64x2.splat(0x3ff0_0000_0000_0000)));
  const f = plus(mantissa, -1);
  const s = f64x2.div(f, plus(f, 2));
  const z = f64x2.mul(s, s);
  const w = f64x2.mul(z, z);
  let even = plus(f64x2.mul(w, f64x2.splat(1.531383769920937332e-1)), 2.222219843214978396e-1);
  even = f64x2.mul(w, plus(f64x2.mul(w, even), 3.999999999940941908e-1));
  let odd = plus(f64x2.mul(w, f64x2.splat(1.479819860511658591e-1)), 1.818357216161805012e-1);
  odd = plus(f64x2.mul(w, odd), 2.857142874366239149e-1);
  odd = f64x2.mul(z, plus(f64x2.mul(w, odd), 6.666666666666735130e-1));
  const r = f64x2.add(odd, even);
  const high = f64x2.mul(k, f64x2.splat(6.93147180369123816490e-1));
  const low = f64x2.mul(k, f64x2.splat(1.90821492927058770002e-10));
  // where 1 + f is near √2, f − f²/2 is taken first
  const half = f64x2.mul(f64x2.mul(f64x2.splat(0.5), f), f);
  const near = f64x2.sub(half, f64x2.add(f64x2.mul(s, f64x2.add(half, r)), low));
  const far = f64x2.sub(f64x2.mul(s, f64x2.sub(f, r)), low);
  const isNear = v128.and(
    i64x2.gt_s(fraction, i64x2.splat((0x6147a << 32) - 1)),
    i64x2.lt_s(fraction, i64x2.splat(0x6b852 << 32)),
  );
  return f64x2.sub(high, f64x2.sub(v128.bitselect(near, far, isNear), f));
}

/** cos x for 0 <= x <= 2π: x = n π/2 + y + tail, and the sine or cosine of y. */
// @ts-ignore: decorator
@inline
export function cosine2(x: v128): v128 {
  const n = f64x2.floor(plus(f64x2.mul(x, f64x2.splat(6.36619772367581382433e-1)), 0.5));
  const first = f64x2.sub(x, f64x2.mul(n, f64x2.splat(1.57079632673412561417))); // exact: 33 bits of π/2
  const second = f64x2.mul(n, f64x2.splat(6.07710050650619224932e-11));
  const y = f64x2.sub(first, second);
  const tail = f64x2.sub(f64x2.sub(first, y), second);
  const z = f64x2.mul(y, y);
  // sine
  const v = f64x2.mul(z, y);
  let r = plus(f64x2.mul(z, f64x2.splat(1.58969099521155010221e-10)), -2.50507602534068634195e-8);
  r = plus(f64x2.mul(z, r), 2.75573137070700676789e-6);
  r = plus(f64x2.mul(z, r), -1.98412698298579493134e-4);
  r = plus(f64x2.mul(z, r), 8.33333333332248946124e-3);
  const inner = f64x2.sub(f64x2.mul(f64x2.splat(0.5), tail), f64x2.mul(v, r));
  const lower = f64x2.sub(f64x2.mul(z, inner), tail);
  const sine = f64x2.sub(y, f64x2.sub(lower, f64x2.mul(v, f64x2.splat(-1.66666666666666324348e-1))));
  // cosine: 1 − y²/2 in two parts, so that the large one is exact
  let c = plus(f64x2.mul(z, f64x2.splat(-1.13596475577881948265e-11)), 2.08757232129817482790e-9);
  c = plus(f64x2.mul(z, c), -2.75573143513906633035e-7);
  c = plus(f64x2.mul(z, c), 2.48015872894767294178e-5);
  c = plus(f64x2.mul(z, c), -1.38888888888741095749e-3);
  c = f64x2.mul(z, plus(f64x2.mul(z, c), 4.16666666666666019037e-2));
  const rest = f64x2.sub(f64x2.mul(z, c), f64x2.mul(y, tail));
  const size = v128.and(i64x2.shr_u(y, 32), i64x2.splat(0x7fffffff)); // high words, as fdlibm compares them
  let part = i64x2.shl(i64x2.sub(size, i64x2.splat(0x00200000)), 32); // about |y| / 4
  part = v128.bitselect(f64x2.splat(0.28125), part, i64x2.gt_s(size, i64x2.splat(0x3fe90000)));
  part = v128.and(part, i64x2.gt_s(size, i64x2.splat(0x3fd33332)));
  const large = f64x2.sub(f64x2.splat(1), part);
  const cosine = f64x2.sub(large, f64x2.sub(f64x2.sub(f64x2.mul(f64x2.splat(0.5), z), part), rest));
  // n = 0 … 4: cos, −sin, −cos, sin, cos
  const isOdd = v128.or(f64x2.eq(n, f64x2.splat(1)), f64x2.eq(n, f64x2.splat(3)));
  const isNegative = v128.or(f64x2.eq(n, f64x2.splat(1)), f64x2.eq(n, f64x2.splat(2)));
  const value = v128.bitselect(sine, cosine, isOdd);
  return v128.xor(value, v128.and(isNegative, i64x2.splat(0x8000_0000_0000_0000)));
}
