/**
 * Multi-head attention (Vaswani et al. 2017, section 3.2): every token reads the values of all tokens, weighed by how well its query meets their keys.
 *
 *     p = softmax(q · kᵀ / √d)        y = p · v
 *
 * for each image and head by itself; d features a head. qkv: [B, T, 3 · heads · d], probabilities: [B, heads, T, T], y: [B, T, heads · d].
 */
import type { FloatArray } from "../../engine.js";
import { softmaxRows } from "./rows.js";
import type { Values } from "./values.js";

type Part = "query" | "key" | "value";

/** Extents, and where in qkv the features of a token begin. */
function layoutOf({ shape: [batch, tokens, features] }: Values, heads: number) {
  const width = features / 3;
  const size = width / heads;
  const starts: Readonly<Record<Part, number>> = { query: 0, key: width, value: 2 * width };
  const at = (image: number, token: number, part: Part, head: number): number =>
    (image * tokens + token) * features + starts[part] + head * size;
  /** Of a query's features in y. */
  const atY = (image: number, token: number, head: number): number => (image * tokens + token) * width + head * size;
  return { batch, tokens, size, at, atY };
}

/** `read` is given an image, a head, a query, and the place of its first probability. */
function forEachQuery(
  batch: number,
  heads: number,
  tokens: number,
  read: (image: number, head: number, query: number, row: number) => void,
): void {
  for (let image = 0; image < batch; image++) {
    for (let head = 0; head < heads; head++) {
      for (let query = 0; query < tokens; query++) {
        read(image, head, query, ((image * heads + head) * tokens + query) * tokens);
      }
    }
  }
}

/** Σ_i a[i] · b[i] of `size` elements each. */
function dot(a: FloatArray, fromA: number, b: FloatArray, fromB: number, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += a[fromA + i] * b[fromB + i];
  return sum;
}

export function probabilities(qkv: Values, heads: number, out: FloatArray): void {
  const { batch, tokens, size, at } = layoutOf(qkv, heads);
  const { data } = qkv;
  const scores = new Float64Array(out.length);
  forEachQuery(batch, heads, tokens, (image, head, query, row) => {
    for (let key = 0; key < tokens; key++) {
      const product = dot(data, at(image, query, "query", head), data, at(image, key, "key", head), size);
      scores[row + key] = product / Math.sqrt(size);
    }
  });
  softmaxRows(scores, tokens, out);
}

export function weightedValues(qkv: Values, p: FloatArray, heads: number, out: FloatArray): void {
  const { batch, tokens, size, at, atY } = layoutOf(qkv, heads);
  forEachQuery(batch, heads, tokens, (image, head, query, row) => {
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let key = 0; key < tokens; key++) sum += p[row + key] * qkv.data[at(image, key, "value", head) + i];
      out[atY(image, query, head) + i] = sum;
    }
  });
}

/** What the gradient is computed from. */
export interface Attended {
  readonly dy: FloatArray;
  readonly qkv: Values;
  readonly probabilities: FloatArray;
}

/**
 * Adds dL/dqkv to `dqkv`. A probability gets dp = ⟨dy, v⟩; its score ds = p · (dp − Σ p · dp), because raising all scores of a query by the same
 * amount changes nothing; and a score is the product of a query and a key.
 */
export function attentionGradient({ dy, qkv, probabilities: p }: Attended, heads: number, dqkv: Float64Array): void {
  const { batch, tokens, size, at, atY } = layoutOf(qkv, heads);
  const { data } = qkv;
  const dp = new Float64Array(tokens);
  forEachQuery(batch, heads, tokens, (image, head, query, row) => {
    const y = atY(image, query, head);
    const q = at(image, query, "query", head);
    for (let key = 0; key < tokens; key++) dp[key] = dot(dy, y, data, at(image, key, "value", head), size);
    const mean = dot(p, row, dp, 0, tokens);
    for (let key = 0; key < tokens; key++) {
      const ds = (p[row + key] * (dp[key] - mean)) / Math.sqrt(size);
      const [k, v] = [at(image, key, "key", head), at(image, key, "value", head)];
      for (let i = 0; i < size; i++) {
        dqkv[q + i] += ds * data[k + i];
        dqkv[k + i] += ds * data[q + i];
        dqkv[v + i] += p[row + key] * dy[y + i];
      }
    }
  });
}
