/** The kernel of attention against the same steps as single kernels: sums have the same order in the forward pass, so bits agree there. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { composedAttention } from "../../../../src/tensor/composedAttention.js";
import type { WasmEngine } from "../../../../src/tensor/engines/wasm/wasmEngine.js";
import { openEngine } from "../../../../src/tensor/openEngine.js";
import { stream } from "../../../../src/tensor/random.js";

/** Batch, tokens, heads, features of a head: remainders of 4 rows, 8 columns and 32 queries, and none. */
const SHAPES = [
  [1, 1, 1, 1],
  [2, 7, 3, 5],
  [1, 8, 2, 8],
  [3, 31, 1, 3],
  [1, 33, 2, 33],
  [2, 64, 4, 16],
  [1, 101, 1, 12],
];

describe("attention on wasm", () => {
  let engine: WasmEngine;
  before(async () => {
    engine = await openEngine("wasm", { threads: 2 });
  });
  after(() => engine.close());

  for (const [batch, tokens, heads, size] of SHAPES) {
    it(`gives the bits of its steps: ${batch} × ${tokens} tokens, ${heads} heads of ${size}`, () => {
      engine.scope(() => {
        const random = stream("attention", tokens, size);
        const values = Array.from({ length: batch * tokens * 3 * heads * size }, () => random.normal());
        const qkv = engine.tensor(values, [batch, tokens, 3 * heads * size]);
        const { y, probabilities } = engine.attention(qkv, heads);
        const composed = composedAttention(qkv, heads);
        assert.deepEqual(probabilities.dataSync(), composed.probabilities.dataSync());
        assert.deepEqual(y.dataSync(), composed.y.dataSync());
      });
    });
  }
});
