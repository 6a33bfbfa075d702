/**
 * IEEE 754 binary16 by its definition: 1 sign, 5 exponent and 10 fraction bits, values up to 65,504, steps of 2^-24 below 2^-14.
 *
 * The definition that the kernels of the wasm engine are compared with.
 */

/** The half next to x, the even one of two that are as near; ±∞ from 65,520 on; NaN stays NaN. */
export function roundToHalf(x: number): number {
  const size = Math.abs(x);
  if (!(size > 0 && size < Infinity)) return x;
  if (size >= 65_520) return Math.sign(x) * Infinity;
  const step = 2 ** (Math.max(-14, exponentOf(size)) - 10);
  return Math.sign(x) * step * roundToEven(size / step);
}

/** The e with 2^e <= size < 2^(e + 1); any number under −14 for what lies under 2^-14. */
function exponentOf(size: number): number {
  const guess = Math.round(Math.log2(size));
  return size < 2 ** guess ? guess - 1 : guess;
}

function roundToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
