/** Multi-head attention: shapes and addresses for kernels/attention.ts. */
import type { Tensor } from "../../tensor.js";
import { pointerOf, type Context } from "./context.js";

/** Queries at a time, as in kernels/attention.ts. */
const QUERIES = 32;
/** PRODUCT_SCRATCH in kernels/panels.ts. */
const PRODUCT_SCRATCH = 192;

/** Bytes of one matrix [depth, columns] in panels of 8 columns. */
function panelBytes(depth: number, columns: number): number {
  return 4 * depth * 8 * Math.ceil(columns / 8);
}

/** qkv: [B, T, 3·D] → y: [B, T, D], probabilities: [B·heads, T, T] */
export function attention(context: Context, qkv: Tensor, heads: number): { y: Tensor; probabilities: Tensor } {
  const from = pointerOf(context, qkv, "attention");
  const [batch, tokens, features] = qkv.shape;
  const size = features / (3 * heads);
  const y = context.make([batch, tokens, heads * size]);
  const probabilities = context.make([batch * heads, tokens, tokens]);
  const to = [y, probabilities].map((tensor) => pointerOf(context, tensor, "attention"));
  const scratch = PRODUCT_SCRATCH + panelBytes(size, tokens) + panelBytes(tokens, size);
  const work = probabilities.size * (4 * size + 12);
  const args = [from, ...to, tokens, heads, size, 1 / Math.sqrt(size)];
  context.run("attention", batch * heads, args, work, scratch);
  return { y, probabilities };
}

/** dy: [B, T, D] → dqkv: [B, T, 3·D] */
export function attentionGradient(
  context: Context,
  dy: Tensor,
  qkv: Tensor,
  probabilities: Tensor,
  heads: number,
): Tensor {
  const name = "attentionGradient";
  const from = [dy, qkv, probabilities].map((tensor) => pointerOf(context, tensor, name));
  const [batch, tokens, features] = qkv.shape;
  const size = features / (3 * heads);
  const dqkv = context.make(qkv.shape);
  const panels = 2 * panelBytes(tokens, size) + panelBytes(size, tokens);
  const scratch = PRODUCT_SCRATCH + panels + 4 * tokens * (QUERIES + tokens);
  const work = probabilities.size * (8 * size + 8);
  const args = [...from, pointerOf(context, dqkv, name), tokens, heads, size, 1 / Math.sqrt(size)];
  context.run(name, batch * heads, args, work, scratch);
  return dqkv;
}
