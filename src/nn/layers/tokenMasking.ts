/**
 * Token masking of the vision transformers of Partial FC: in training only some tokens of a sample pass through the blocks (as in He et al. 2022,
 * "Masked autoencoders are scalable vision learners", section 3), and a learned token stands in the places of the others afterwards.
 *
 * The public code reads no rate here: with any rate but 0 it keeps 0.9 of the tokens. That is not repeated: the rate that is set is the one that
 * holds.
 */
import { concatenate, gatherRows, reshape } from "../../autograd/index.js";
import type { Variable } from "../../autograd/variable.js";
import { drawDistinct, type Random } from "../../tensor/random.js";

/** How many of T tokens stay: ⌊T · (1 − rate)⌋. */
export function keptCount(tokens: number, rate: number): number {
  return Math.floor(tokens * (1 - rate));
}

/** So many distinct token numbers of each sample, ascending, every such set equally likely: B arrays. */
export function drawKeptTokens(batch: number, tokens: number, count: number, random: Random): Int32Array[] {
  return Array.from({ length: batch }, () => Int32Array.from(drawDistinct(count, tokens, random)).sort());
}

/** The kept tokens of every sample.  x: [B, T, D], kept: B × K token numbers → [B, K, D] */
export function keepTokens(x: Variable, kept: readonly Int32Array[]): Variable {
  const [batch, tokens, width] = x.shape;
  const index = Int32Array.from(
    kept.flatMap((numbers, sample) => [...numbers].map((token) => sample * tokens + token)),
  );
  return reshape(gatherRows(reshape(x, [batch * tokens, width]), index), [batch, -1, width]);
}

/** The kept tokens back in their places, the mask token in all others.  x: [B, K, D], maskToken: [1, 1, D] → [B, T, D] */
export function restoreTokens(
  x: Variable,
  kept: readonly Int32Array[],
  { tokens, maskToken }: { readonly tokens: number; readonly maskToken: Variable },
): Variable {
  const [batch, count, width] = x.shape;
  const rows = concatenate([reshape(x, [batch * count, width]), reshape(maskToken, [1, width])], 0); // [B·K + 1, D]
  const index = new Int32Array(batch * tokens).fill(batch * count); // the last row
  for (const [sample, numbers] of kept.entries()) {
    for (const [place, token] of numbers.entries()) index[sample * tokens + token] = sample * count + place;
  }
  return reshape(gatherRows(rows, index), [batch, tokens, width]);
}
