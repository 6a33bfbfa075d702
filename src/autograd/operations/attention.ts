/** Multi-head self-attention (Vaswani et al. 2017, "Attention is all you need", section 3.2): every token reads from all tokens. */
import { formatShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { operation } from "../operation.js";
import type { Variable } from "../variable.js";

export const attentionOperation = operation<[Tensor], { readonly heads: number }, { readonly probabilities: Tensor }>({
  name: "attention",
  signature: "[B, T, 3·D] → [B, T, D]",
  check([qkv], { heads }) {
    const [, tokens, features] = qkv.shape;
    const whole = Number.isInteger(heads) && heads >= 1;
    if (qkv.rank !== 3 || tokens === 0 || features === 0 || !whole || features % (3 * heads) !== 0) {
      throw new Error(
        `attention: takes query, key and value of all heads side by side, [B, T, 3 · heads · d], of one token at least; ` +
          `given ${formatShape(qkv.shape)} and ${heads} heads.`,
      );
    }
  },
  forward(engine, [qkv], { heads }) {
    const { y, probabilities } = engine.attention(qkv, heads);
    return { y, saved: { probabilities } };
  },
  // with p the softmax and d the features of a head: dv = pᵀ·dy; ds = p · (dp − ⟨p, dp⟩) of dp = dy·vᵀ; dq = ds·k/√d; dk = dsᵀ·q/√d
  backward: (dy, { engine, inputs: [qkv], saved: { probabilities }, options: { heads } }) => [
    engine.attentionGradient(dy, qkv, probabilities, heads),
  ],
  samples: [
    { inputs: [{ shape: [2, 3, 12] }], options: { heads: 2 } },
    { inputs: [{ shape: [1, 5, 9] }], options: { heads: 1 } },
    { inputs: [{ shape: [2, 4, 9] }], options: { heads: 3 } },
    { inputs: [{ shape: [3, 1, 6] }], options: { heads: 1 } },
  ],
});

/**
 * softmax(q · kᵀ / √d) · v of every image and head.  qkv: [B, T, 3·D] → [B, T, D]
 *
 * The last axis is what one fused projection gives: queries, keys, values, and within each of them the heads, d = D / heads features each.
 *
 * @throws Error unless 3 · heads divides the last extent
 */
export function attention(qkv: Variable, heads: number): Variable {
  return attentionOperation([qkv], { heads });
}
