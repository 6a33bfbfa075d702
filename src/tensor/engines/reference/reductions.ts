/** Sum, mean, maximum and minimum over any set of axes. */
import type { FloatArray, ReductionName } from "../../engine.js";
import { sizeOf } from "../../shape.js";
import { accumulate, copyView, viewOf, type Values } from "./values.js";

/** Elements that are reduced together are brought side by side by a permutation, then folded. An empty sum is 0, an empty mean NaN. */
export function reduce(name: ReductionName, x: Values, axes: readonly number[], out: FloatArray): void {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const count = sizeOf(axes.map((axis) => x.shape[axis]));
  const grouped = x.data.slice();
  copyView(viewOf(x).transpose(...kept, ...axes), grouped); // [kept…, reduced…]
  accumulate(out, (results) => {
    for (let group = 0; group < results.length; group++) {
      results[group] = fold(name, grouped, group * count, count);
    }
  });
}

function fold(name: ReductionName, values: FloatArray, start: number, count: number): number {
  const end = start + count;
  if (name === "sum" || name === "mean") {
    let sum = 0;
    for (let i = start; i < end; i++) sum += values[i];
    return name === "sum" ? sum : sum / count;
  }
  const better = name === "maximum" ? Math.max : Math.min;
  let best = name === "maximum" ? -Infinity : Infinity;
  for (let i = start; i < end; i++) best = better(best, values[i]);
  return best;
}
