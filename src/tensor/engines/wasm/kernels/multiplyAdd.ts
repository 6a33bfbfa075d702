/**
 * a · b + c, the operation that every product is made of, in two variants of the module (`FUSED`, set by scripts/buildKernels.mjs).
 *
 * Separate: a product and a sum, each rounded, as on every machine. Fused: relaxed SIMD's multiply-add, one instruction with one
 * rounding where the processor has it. The standard lets a machine without it round twice: equal bits across machines need "separate".
 */

// @ts-ignore: decorator
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  // @ts-ignore: FUSED is a constant of the build, 1 in the variant with relaxed SIMD and else 0
  if (FUSED) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(c, f32x4.mul(a, b));
}

/** Whether this module, on this machine, rounds a · b + c once: (1 + ε)² − (1 + 2ε) is ε² then, and otherwise 0. */
export function roundsOnce(): i32 {
  const a = f32x4.splat(1 + <f32>f32.EPSILON);
  const b = f32x4.splat(-1 - 2 * <f32>f32.EPSILON);
  return i32(f32x4.extract_lane(multiplyAdd(a, a, b), 0) != 0);
}
