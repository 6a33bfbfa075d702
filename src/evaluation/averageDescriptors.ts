/**
 * One descriptor of an image from several sizes of it (CFCD, ICCV 2023, as DELG and others before it): each is brought to length
 * one, so that no size outweighs another, then their mean is. And the normalisation that image retrieval's public code calls `l2n`.
 *
 * Left out: resizing and extraction, which need images and a network.
 */
import { countRows, normalizeRows, rowNorms, type EmbeddingRows } from "./normalizeRows.js";

/**
 * S arrays [N, E] of the same N images → [N, E] in float64, rows of length one. A size whose descriptor is zero adds nothing; where all of them
 * are zero, or cancel to the last bit, the row is zero.
 *
 * @throws Error without a size, for sizes of different shape, and for numbers that are not finite.
 */
export function averageDescriptors(perScale: readonly EmbeddingRows[], embedding: number): Float64Array {
  if (perScale.length === 0)
    throw new Error("averageDescriptors: descriptors of one size or more are needed, given 0.");
  const counts = perScale.map((rows) => countRows(rows, embedding));
  if (counts.some((count) => count !== counts[0])) {
    throw new Error(
      `averageDescriptors: every size has a descriptor of every image, given ${counts.join(", ")} descriptors of ${embedding}.`,
    );
  }
  const sum = new Float64Array(perScale[0].length);
  for (const rows of perScale) normalizeRows(rows, embedding).forEach((value, i) => (sum[i] += value));
  return normalizeRows(sum, embedding); // of the mean, which has the same direction
}

/**
 * y = x / (‖x‖ + ε) row by row: [N, E] → [N, E] in float64, zeros for zeros. Rows come out shorter than one, short ones by more: with ε = 1e-6
 * a row of length 0.01 by 1e-4 of itself. `normalizeRows` divides by ‖x‖ alone.
 */
export function l2n(rows: EmbeddingRows, embedding: number, epsilon = 1e-6): Float64Array {
  if (!(epsilon > 0)) throw new Error(`l2n: epsilon is positive, given ${epsilon}.`);
  const norms = rowNorms(rows, embedding);
  return Float64Array.from(rows, (value, i) => value / (norms[Math.floor(i / embedding)] + epsilon));
}
