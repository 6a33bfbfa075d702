/**
 * Multi-head attention (Vaswani et al. 2017, section 3.2), written out in other kernels.
 *
 * For every image and head, from its query, key and value of T tokens and d = D / heads features each:
 *
 *     p = softmax(q · kᵀ / √d)        y = p · v
 *
 * For engines that have no kernel of their own for it, and for bounds on what the others may be off. Left out: masks and dropout of p, which no network here has.
 */
import type { Tensor } from "./tensor.js";

/** Extents of qkv: [B, T, 3 · heads · d]. */
function extentsOf({ shape: [batch, tokens, features] }: Tensor, heads: number) {
  return { batch, tokens, heads, size: features / (3 * heads) };
}

type Extents = ReturnType<typeof extentsOf>;

/** [B, T, 3·D] → query, key and value of every head, [B·heads, T, d] each. */
function split(qkv: Tensor, { batch, tokens, heads, size }: Extents): readonly Tensor[] {
  const { engine } = qkv;
  const apart = engine.permute(qkv.reshape([batch, tokens, 3, heads, size]), [2, 0, 3, 1, 4]); // [3, B, heads, T, d]
  return [0, 1, 2].map((part) => engine.slice(apart, 0, part, part + 1).reshape([batch * heads, tokens, size]));
}

/** [B·heads, T, d] → [B, T, D] */
function together(y: Tensor, { batch, tokens, heads, size }: Extents): Tensor {
  const permuted = y.engine.permute(y.reshape([batch, heads, tokens, size]), [0, 2, 1, 3]); // [B, T, heads, d]
  return permuted.reshape([batch, tokens, heads * size]);
}

/** qkv: [B, T, 3·D] → y: [B, T, D], probabilities: [B·heads, T, T]. Temporaries are left to the scope of the caller. */
export function composedAttention(qkv: Tensor, heads: number): { y: Tensor; probabilities: Tensor } {
  const { engine } = qkv;
  const extents = extentsOf(qkv, heads);
  const { batch, tokens, size } = extents;
  const [query, key, value] = split(qkv, extents); // [B·heads, T, d]
  const scores = engine.affine(engine.matmul(query, key, false, true), 1 / Math.sqrt(size), 0); // [B·heads, T, T]
  const rows = engine.softmaxRows(scores.reshape([batch * heads * tokens, tokens]));
  const probabilities = rows.reshape(scores.shape);
  return { y: together(engine.matmul(probabilities, value, false, false), extents), probabilities };
}

/**
 * dL/dqkv: [B, T, 3·D] from dy: [B, T, D].
 *
 * dv = pᵀ·dy and dp = dy·vᵀ, as of any product; through the softmax ds = p · (dp − ⟨p, dp⟩), because raising all scores of a query by the
 * same amount changes nothing; dq = ds·k/√d and dk = dsᵀ·q/√d.
 */
export function composedAttentionGradient(dy: Tensor, qkv: Tensor, probabilities: Tensor, heads: number): Tensor {
  const { engine } = qkv;
  const extents = extentsOf(qkv, heads);
  const { batch, tokens, size } = extents;
  const [query, key, value] = split(qkv, extents); // [B·heads, T, d]
  const apart = engine.permute(dy.reshape([batch, tokens, heads, size]), [0, 2, 1, 3]); // [B, heads, T, d]
  const dHeads = apart.reshape(value.shape);
  const dValue = engine.matmul(probabilities, dHeads, true, false); // [B·heads, T, d]
  const dProbabilities = engine.matmul(dHeads, value, false, true); // [B·heads, T, T]
  const mean = engine.reduce("sum", engine.binary("multiply", probabilities, dProbabilities), [2], true); // [B·heads, T, 1]
  const dScores = engine.binary("multiply", probabilities, engine.binary("subtract", dProbabilities, mean));
  const scaled = engine.affine(dScores, 1 / Math.sqrt(size), 0);
  const dQuery = engine.matmul(scaled, key, false, false); // [B·heads, T, d]
  const dKey = engine.matmul(scaled, query, true, false); // [B·heads, T, d]
  const all = engine.concatenate([dQuery, dKey, dValue], 0).reshape([3, batch, heads, tokens, size]);
  return engine.permute(all, [1, 3, 0, 2, 4]).reshape(qkv.shape); // [B, T, 3, heads, d]
}
