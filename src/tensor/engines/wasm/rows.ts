/** Softmax and unit length, row by row of [N, M]. */
import type { Tensor } from "../../tensor.js";
import { pointerOf, type Context } from "./context.js";

export function softmaxRows(context: Context, x: Tensor): Tensor {
  const from = pointerOf(context, x, "softmaxRows");
  const y = context.make(x.shape);
  const [rows, columns] = x.shape;
  context.run("softmaxRows", rows, [from, pointerOf(context, y, "softmaxRows"), columns], x.size * 12);
  return y;
}

export function normalizeRows(context: Context, x: Tensor, epsilon: number): { y: Tensor; norm: Tensor } {
  const from = pointerOf(context, x, "normalizeRows");
  const [rows, columns] = x.shape;
  const y = context.make(x.shape);
  const norm = context.make([rows]);
  const args = [
    from,
    pointerOf(context, y, "normalizeRows"),
    pointerOf(context, norm, "normalizeRows"),
    columns,
    epsilon,
  ];
  context.run("normalizeRows", rows, args, x.size * 3);
  return { y, norm };
}

export function normalizeRowsGradient(context: Context, dy: Tensor, y: Tensor, norm: Tensor, epsilon: number): Tensor {
  const name = "normalizeRowsGradient";
  const from = [dy, y, norm].map((tensor) => pointerOf(context, tensor, name));
  const [rows, columns] = dy.shape;
  const dx = context.make(dy.shape);
  context.run(name, rows, [...from, pointerOf(context, dx, name), columns, epsilon], dy.size * 4);
  return dx;
}
