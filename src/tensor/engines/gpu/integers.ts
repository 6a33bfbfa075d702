/** Whole-number arithmetic inside kernels. GPU.js has no division of whole numbers, and float32 division is off by units on a GPU. */
import { helper } from "./kernel.js";

/** A whole number that a variable or an element holds, as one that addresses may be made of. */
export function integer(value: number): number {
  return Math.floor(value + 0.5);
}

/** ⌊a / b⌋ for 0 ≤ a < 2^31 and b > 0, exactly. */
export function quotient(a: number, b: number): number {
  return settled(a, b, refined(a, b, nearQuotient(a, b)));
}

/** a − b · ⌊a / b⌋ */
export function remainder(a: number, b: number): number {
  return a - quotient(a, b) * b;
}

/** ⌊a / b⌋ in float32, off by units of the last place of the quotient. */
export function nearQuotient(a: number, b: number): number {
  return Math.floor(a / b);
}

/** q is off by some hundreds at most, which float32 divides to within 1. */
export function refined(a: number, b: number, q: number): number {
  return q + nearQuotient(a - q * b, b);
}

/** q is off by 1 at most. */
export function settled(a: number, b: number, q: number): number {
  if (a - q * b < 0) return q - 1;
  if (a - q * b >= b) return q + 1;
  return q;
}

const integerHelper = helper(integer, ["Number"], "Integer");
const nearQuotientHelper = helper(nearQuotient, ["Integer", "Integer"], "Integer");
const quotientHelper = helper(quotient, ["Integer", "Integer"], "Integer");
const remainderHelper = helper(remainder, ["Integer", "Integer"], "Integer");
const refinedHelper = helper(refined, ["Integer", "Integer", "Integer"], "Integer");
const settledHelper = helper(settled, ["Integer", "Integer", "Integer"], "Integer");

/** For kernels that use `integer`. */
export const WITH_INTEGER = [integerHelper];
/** For kernels that use `quotient`, `remainder` or `integer`. */
export const WITH_QUOTIENT = [
  integerHelper,
  nearQuotientHelper,
  refinedHelper,
  settledHelper,
  quotientHelper,
  remainderHelper,
];
