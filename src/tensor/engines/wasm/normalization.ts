/** Layer norm over the last axis. */
import type { Tensor } from "../../tensor.js";
import { pointerOf, type Context } from "./context.js";

export function layerNorm(
  context: Context,
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  epsilon: number,
): { y: Tensor; mean: Tensor; inverseDeviation: Tensor } {
  const from = [x, weight, bias].map((tensor) => pointerOf(context, tensor, "layerNorm"));
  const columns = x.shape[x.rank - 1];
  const rows = x.size / columns;
  const y = context.make(x.shape);
  const mean = context.make([rows]);
  const inverseDeviation = context.make([rows]);
  const to = [y, mean, inverseDeviation].map((tensor) => pointerOf(context, tensor, "layerNorm"));
  context.run("layerNorm", rows, [...from, ...to, columns, epsilon], x.size * 5);
  return { y, mean, inverseDeviation };
}

export function layerNormGradient(
  context: Context,
  dy: Tensor,
  x: Tensor,
  weight: Tensor,
  mean: Tensor,
  inverseDeviation: Tensor,
): { dx: Tensor; dweight: Tensor; dbias: Tensor } {
  const [g, from, w, m, d] = [dy, x, weight, mean, inverseDeviation].map((t) =>
    pointerOf(context, t, "layerNormGradient"),
  );
  const columns = x.shape[x.rank - 1];
  const rows = x.size / columns;
  const dx = context.make(x.shape);
  const dweight = context.make(weight.shape);
  const dbias = context.make(weight.shape);
  const [toX, toWeight, toBias] = [dx, dweight, dbias].map((tensor) => pointerOf(context, tensor, "layerNormGradient"));
  context.run("layerNormInputGradient", rows, [g, from, w, m, d, toX, columns], x.size * 6);
  const items = Math.ceil(columns / 4);
  context.run("layerNormWeightGradient", items, [g, from, m, d, toWeight, toBias, rows, columns], x.size * 4);
  return { dx, dweight, dbias };
}
