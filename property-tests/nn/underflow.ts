/**
 * The smallest normal float32. Below it a rounding is off by an absolute amount, 2⁻¹⁵⁰, which relative bounds do not cover; this
 * leaves room for some million of them.
 */
export const UNDERFLOW = 2 ** -126;
