/** How far rounding may take an optimizer from the rules written out on plain numbers. */
import type { Engine } from "../../src/tensor/engine.js";
import { plainSgd, type PlainSgd } from "../../test/nn/plainRules.js";
import { roundingOf } from "../engines.js";
import { UNDERFLOW } from "./underflow.js";

/**
 * Of one step, on the way of a summand from where it enters to the new value: at most ten products, sums and settings rounded to
 * the engine's type. Twice that, as the plain rules round too (on float64 as coarsely), and a fifth for products of errors.
 */
const ROUNDINGS = 24;

/**
 * SGD is linear in start and gradients, so errors grow as the sum of absolute values does: the same rule on absolute values,
 * with every subtraction turned into an addition.
 */
export function allowedOfSgd(
  engine: Engine,
  start: number,
  gradients: readonly number[],
  rates: readonly number[],
  rule: PlainSgd,
): number[] {
  const sizes = plainSgd(
    Math.abs(start),
    gradients.map(Math.abs),
    rates.map((rate) => -rate),
    rule,
  );
  return sizes.map((size, step) => ROUNDINGS * (step + 1) * roundingOf(engine) * size + UNDERFLOW);
}

/**
 * |m̂| / √v̂ with the absolute values of gradients of 1/2 to 4 in place of the gradients (plus decay · value, at most 0.3), of which
 * some may be missing: with β₂ ≥ 0.9 one gradient five steps ago still makes √v̂ a third of it, so the quotient is below 4.3 · 2 · 3.
 */
const LARGEST_QUOTIENT = 26;

/** Each update is `rate` times a quotient whose parts are sums without cancellation, or bounded by such. */
export function allowedOfAdam(engine: Engine, start: number, rates: readonly number[]): number[] {
  let size = Math.abs(start);
  return rates.map((rate, step) => {
    size += rate * LARGEST_QUOTIENT;
    return ROUNDINGS * (step + 1) * roundingOf(engine) * size;
  });
}
