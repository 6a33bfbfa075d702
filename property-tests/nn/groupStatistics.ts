/** Statistics of the groups that a normalisation works on, in float64: channels of a batch, or rows. */
import type { Engine } from "../../src/tensor/engine.js";
import type { Shape } from "../../src/tensor/shape.js";
import { roundingOf } from "../engines.js";

export interface Group {
  /** Its elements, in order. */
  readonly values: readonly number[];
  readonly mean: number;
  /** Divided by the count. */
  readonly variance: number;
}

/** The channels of [B, C, …]. */
export function channelsOf(values: ArrayLike<number>, shape: Shape): Group[] {
  const inner = shape.slice(2).reduce((product, extent) => product * extent, 1);
  return groupsBy(values, (element) => Math.floor(element / inner) % shape[1]);
}

/** The rows of […, M]. */
export function rowsOf(values: ArrayLike<number>, shape: Shape): Group[] {
  return groupsBy(values, (element) => Math.floor(element / shape[shape.length - 1]));
}

function groupsBy(values: ArrayLike<number>, groupOf: (element: number) => number): Group[] {
  const groups: number[][] = [];
  Array.from(values).forEach((value, element) => (groups[groupOf(element)] ??= []).push(value));
  return groups.map((own) => {
    const mean = meanOf(own);
    return { values: own, mean, variance: meanOf(own.map((value) => (value - mean) ** 2)) };
  });
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * What rounding may do to an element of x̂ = (x − mean) / √(variance + ε).
 *
 * The difference is off by roundings of x and of the mean (a sum of n), n·u·max|x|. The variance may be taken from squared
 * distances to another level than the mean, that of the first of n parts: E d² is then at most (n + 1) times the variance, so
 * that it is off by a share of n·(n + 1)·u. Four times both, for the roundings of each product and for products of errors.
 */
export function slackOf(engine: Engine, { values, variance }: Group, epsilon: number): number {
  const n = values.length;
  const largest = Math.max(...values.map(Math.abs));
  const unit = Math.sqrt(n); // no x̂ is larger
  return 4 * roundingOf(engine) * n * (largest / Math.sqrt(variance + epsilon) + (n + 1) * unit);
}
