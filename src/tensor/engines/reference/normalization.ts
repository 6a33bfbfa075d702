/**
 * Batch norm and layer norm: x̂ = (x − mean) / √(variance + ε), y = weight · x̂ + bias.
 *
 * They differ in what a statistic is taken over and what a weight belongs to: batch norm has both per channel of [B, C, …]
 * (Ioffe and Szegedy 2015), layer norm takes statistics per row and has weights per column of [rows, M] (Ba et al. 2016).
 * Both are written once here, in terms of two functions that tell group and weight of an element.
 */
import type { FloatArray } from "../../engine.js";
import { sizeOf, type Shape } from "../../shape.js";

/** How elements are grouped: which statistic an element belongs to, and which weight. */
export interface Grouping {
  /** Elements a statistic is taken over. */
  readonly count: number;
  readonly groupOf: (element: number) => number;
  readonly weightOf: (element: number) => number;
}

export function channelGrouping(x: Shape): Grouping {
  const channels = x[1];
  const inner = sizeOf(x.slice(2));
  const channelOf = (element: number): number => Math.floor(element / inner) % channels;
  return { count: x[0] * inner, groupOf: channelOf, weightOf: channelOf };
}

export function rowGrouping(x: Shape): Grouping {
  const columns = x[x.length - 1];
  return {
    count: columns,
    groupOf: (element) => Math.floor(element / columns),
    weightOf: (element) => element % columns,
  };
}

export interface Statistics {
  readonly mean: Float64Array;
  /** Biased: divided by the count. */
  readonly variance: Float64Array;
  readonly inverseDeviation: Float64Array;
}

/** Two passes, the mean first: the difference of large squares would lose digits. */
export function statistics(x: FloatArray, groups: number, grouping: Grouping, epsilon: number): Statistics {
  const { count, groupOf } = grouping;
  const mean = new Float64Array(groups);
  const variance = new Float64Array(groups);
  for (let i = 0; i < x.length; i++) mean[groupOf(i)] += x[i] / count;
  for (let i = 0; i < x.length; i++) variance[groupOf(i)] += (x[i] - mean[groupOf(i)]) ** 2 / count;
  return { mean, variance, inverseDeviation: variance.map((value) => 1 / Math.sqrt(value + epsilon)) };
}

export function normalize(
  x: FloatArray,
  weight: FloatArray,
  bias: FloatArray,
  { mean, inverseDeviation }: Statistics,
  { groupOf, weightOf }: Grouping,
  y: FloatArray,
): void {
  for (let i = 0; i < x.length; i++) {
    const normalized = (x[i] - mean[groupOf(i)]) * inverseDeviation[groupOf(i)];
    y[i] = weight[weightOf(i)] * normalized + bias[weightOf(i)];
  }
}

/** What the gradients are computed from. */
export interface Normalized {
  readonly dy: FloatArray;
  readonly x: FloatArray;
  readonly weight: FloatArray;
  readonly mean: FloatArray;
  readonly inverseDeviation: FloatArray;
}

/**
 * With g = weight · dy:  dx = (g − mean(g) − x̂ · mean(g · x̂)) / √(variance + ε).
 * The two means are what changes of x cannot do: x̂ always has mean 0 and variance 1.
 */
export function normalizeGradient(
  { dy, x, weight, mean, inverseDeviation }: Normalized,
  { count, groupOf, weightOf }: Grouping,
  out: { dx: FloatArray; dweight: Float64Array; dbias: Float64Array },
): void {
  const meanG = new Float64Array(mean.length);
  const meanGx = new Float64Array(mean.length);
  const normalized = (i: number): number => (x[i] - mean[groupOf(i)]) * inverseDeviation[groupOf(i)];
  for (let i = 0; i < x.length; i++) {
    const g = weight[weightOf(i)] * dy[i];
    meanG[groupOf(i)] += g / count;
    meanGx[groupOf(i)] += (g * normalized(i)) / count;
    out.dweight[weightOf(i)] += dy[i] * normalized(i);
    out.dbias[weightOf(i)] += dy[i];
  }
  for (let i = 0; i < x.length; i++) {
    const group = groupOf(i);
    const g = weight[weightOf(i)] * dy[i];
    out.dx[i] = inverseDeviation[group] * (g - meanG[group] - normalized(i) * meanGx[group]);
  }
}

/** Batch norm with given statistics folded into one factor and one summand a channel. */
export function scaleChannels(
  x: FloatArray,
  scale: FloatArray,
  shift: FloatArray,
  { weightOf }: Grouping,
  out: FloatArray,
): void {
  for (let i = 0; i < x.length; i++) out[i] = scale[weightOf(i)] * x[i] + shift[weightOf(i)];
}
