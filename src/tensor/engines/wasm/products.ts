/** Matrix products and convolutions of tensors: shapes and addresses for matmul.ts and convolution.ts. */
import type { Tensor } from "../../tensor.js";
import { pointerOf, type Context } from "./context.js";
import { matmul as multiply } from "./matmul.js";

/** [M, K] · [K, N] → [M, N], or batches of it; a flag says that an operand is stored transposed. */
export function matmul(context: Context, a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  const [left, right] = [pointerOf(a, "matmul"), pointerOf(b, "matmul")];
  const batches = a.shape.slice(0, -2);
  const [rows, columns] = a.shape.slice(-2);
  const [m, k] = transposeA ? [columns, rows] : [rows, columns];
  const n = b.shape[b.rank - (transposeB ? 2 : 1)];
  const y = context.make([...batches, m, n]);
  multiply(context, left, right, pointerOf(y, "matmul"), batches[0] ?? 1, m, k, n, { transposeA, transposeB });
  return y;
}
