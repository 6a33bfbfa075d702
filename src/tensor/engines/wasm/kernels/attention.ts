/**
 * Multi-head attention of qkv: [B, T, 3·D], one image and head at a time: query, key and value are read where they lie, and scores of 32 queries
 * are multiplied with the values while they are in the cache.
 *
 * Against the same steps as kernels of their own (composedAttention.ts: permuted copies, batches of products, softmax), in turn, on two threads, medians:
 * 16 images of 144 tokens, 8 heads of 32 features: forward 9.0 ms for 10.7, backward 10.7 ms for 18.8; 64 images of 49 tokens, 4 heads of 16: 2.1 ms for
 * 3.1 and 1.9 ms for 4.3. The forward pass gives the same bits.
 *
 * Item: one image and head. `size`: d, the features of a head.
 */
import { dotRow, floats, scaleRow } from "./common";
import { multiplyPanels, packColumns, packTransposedColumns, PRODUCT_SCRATCH } from "./panels";
import { softmaxRows } from "./rows";
import { transposeBlock } from "./transpose";

/** Queries at a time: their scores against 144 tokens are 18 KiB. */
const QUERIES: i32 = 32;

/** Bytes of one matrix [depth, columns] in panels. */
function panelBytes(depth: i32, columns: i32): usize {
  return floats(depth * ((columns + 7) & ~7));
}

/** y: [B, T, D], probabilities: [B·heads, T, T]. Scratch: that of a product, keys and values in panels. */
export function attention(
  begin: i32, end: i32, scratch: usize,
  qkv: usize, y: usize, probabilities: usize, tokens: i32, heads: i32, size: i32, scale: f32,
): void {
  const width = heads * size;
  const rowQkv = floats(3 * width);
  const rowP = floats(tokens);
  const keys = scratch + PRODUCT_SCRATCH;
  const values = keys + panelBytes(size, tokens);
  for (let item = begin; item < end; item++) {
    const image = <usize>(item / heads) * <usize>tokens;
    const head = floats((item % heads) * size);
    const query = qkv + image * rowQkv + head;
    const p = probabilities + <usize>item * <usize>tokens * rowP;
    const out = y + image * floats(width) + head;
    packTransposedColumns(query + floats(width), 3 * width, size, tokens, keys);
    packColumns(query + floats(2 * width), 3 * width, tokens, size, values);
    for (let first = 0; first < tokens; first += QUERIES) {
      const rows = min(QUERIES, tokens - first);
      const scores = p + <usize>first * rowP;
      multiplyPanels(query + <usize>first * rowQkv, rowQkv, rows, keys, size, tokens, scores, rowP, 0, scratch);
      scaleRow(scores, scores, rows * tokens, scale);
      softmaxRows(0, rows, 0, scores, scores, tokens);
      const to = out + <usize>first * floats(width);
      multiplyPanels(scores, rowP, rows, values, tokens, size, to, floats(width), 0, scratch);
    }
  }
}

/**
 * dqkv: [B, T, 3·D] from dy: [B, T, D]. With dp = dy·vᵀ and ds = p · (dp − ⟨p, dp⟩) · scale: dq = ds·k, dk = dsᵀ·q, dv = pᵀ·dy.
 *
 * Scratch: that of a product, three panels, ds of 32 queries, and one matrix [T, T].
 */
export function attentionGradient(
  begin: i32, end: i32, scratch: usize,
  dy: usize, qkv: usize, probabilities: usize, dqkv: usize, tokens: i32, heads: i32, size: i32, scale: f32,
): void {
  const width = heads * size;
  const rowY = floats(width);
  const rowQkv = floats(3 * width);
  const rowP = floats(tokens);
  const keys = scratch + PRODUCT_SCRATCH;
  const values = keys + panelBytes(tokens, size);
  const others = values + panelBytes(size, tokens); // dy, then the queries
  const block = others + panelBytes(tokens, size); // ds of some queries
  const transposed = block + floats(QUERIES * tokens); // p, then ds
  for (let item = begin; item < end; item++) {
    const image = <usize>(item / heads) * <usize>tokens;
    const head = floats((item % heads) * size);
    const query = qkv + image * rowQkv + head;
    const dQuery = dqkv + image * rowQkv + head;
    const p = probabilities + <usize>item * <usize>tokens * rowP;
    const g = dy + image * rowY + head;
    packColumns(g, width, tokens, size, others);
    transposeBlock(p, rowP, transposed, rowP, tokens, tokens);
    multiplyPanels(transposed, rowP, tokens, others, tokens, size, dQuery + floats(2 * width), rowQkv, 0, scratch);
    packColumns(query + floats(width), 3 * width, tokens, size, keys);
    packTransposedColumns(query + floats(2 * width), 3 * width, size, tokens, values);
    for (let first = 0; first < tokens; first += QUERIES) {
      const rows = min(QUERIES, tokens - first);
      multiplyPanels(g + <usize>first * rowY, rowY, rows, values, size, tokens, block, rowP, 0, scratch);
      for (let row = 0; row < rows; row++) {
        throughSoftmax(p + <usize>(first + row) * rowP, block + <usize>row * rowP, tokens, scale);
      }
      const to = dQuery + <usize>first * rowQkv;
      multiplyPanels(block, rowP, rows, keys, tokens, size, to, rowQkv, 0, scratch);
      transposeBlock(block, rowP, transposed + floats(first), rowP, rows, tokens);
    }
    packColumns(query, 3 * width, tokens, size, others);
    multiplyPanels(transposed, rowP, tokens, others, tokens, size, dQuery + floats(width), rowQkv, 0, scratch);
  }
}

/** dp becomes p · (dp − ⟨p, dp⟩) · scale, a row. */
function throughSoftmax(p: usize, dp: usize, count: i32, scale: f32): void {
  const mean = <f32>dotRow(p, dp, count);
  const m = f32x4.splat(mean);
  const s = f32x4.splat(scale);
  let i: i32 = 0;
  for (; i + 4 <= count; i += 4) {
    const at = dp + floats(i);
    v128.store(at, f32x4.mul(f32x4.mul(v128.load(p + floats(i)), f32x4.sub(v128.load(at), m)), s));
  }
  for (; i < count; i++) {
    const at = dp + floats(i);
    store<f32>(at, load<f32>(p + floats(i)) * (load<f32>(at) - mean) * scale);
  }
}
