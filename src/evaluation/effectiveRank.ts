/**
 * Effective rank: over how many dimensions do features really spread?
 *
 * Two answers from the eigenvalues λ of the features' covariance, both E for white features and 1 when all features lie on a line. The
 * participation ratio (Σλ)²/Σλ² needs no eigenvalues: the sums are the trace of the covariance and its squared Frobenius norm. The entropy's,
 * exp(−Σ p log p) with p = λ/Σλ, is Roy and Vetterli's (2007), "The effective rank: a measure of effective dimensionality"; it lies
 * above the other, because small eigenvalues count for more.
 */
import { countRows, normalizeRows, type EmbeddingRows } from "./normalizeRows.js";
import { addProductTile, columnsOf, wholeFours } from "./productTile.js";
import { symmetricEigenvalues } from "./symmetricEigenvalues.js";

export interface EffectiveRankOptions {
  /** [N, E] */
  readonly embeddings: EmbeddingRows;
  /** E */
  readonly embedding: number;
  /** Brings every row to length one first, as retrieval does; default false. */
  readonly normalize?: boolean;
}

export interface EffectiveRank {
  /** In [1, E] */
  readonly participationRatio: number;
  /** In [1, E], not below the participation ratio. */
  readonly entropyRank: number;
  /** Of the covariance, falling: [E]; none is negative. */
  readonly eigenvalues: Float64Array;
}

/** Both ranks of the covariance of N features; N · E² / 2 products and 2/3 · E³ for the eigenvalues. Throws when all features are equal. */
export function effectiveRank({ embeddings, embedding, normalize = false }: EffectiveRankOptions): EffectiveRank {
  const rows = normalize ? normalizeRows(embeddings, embedding) : embeddings;
  const covariance = covarianceOf(rows, embedding);
  const eigenvalues = symmetricEigenvalues(covariance, embedding).map((value) => Math.max(0, value)); // rounding
  return {
    participationRatio: participationRatio(covariance, embedding),
    entropyRank: entropyRank(eigenvalues),
    eigenvalues,
  };
}

/** (Σλ)²/Σλ² of a symmetric matrix [n, n] without its eigenvalues. */
export function participationRatio(matrix: Float64Array, n: number): number {
  let trace = 0;
  for (let i = 0; i < n; i++) trace += matrix[i * n + i];
  let squares = 0;
  for (const entry of matrix) squares += (entry / trace) ** 2; // divided first: squares of small entries would vanish
  return 1 / squares;
}

/** exp of the entropy of λ/Σλ; λ ≥ 0 and not all zero. */
export function entropyRank(eigenvalues: Float64Array): number {
  const total = eigenvalues.reduce((sum, value) => sum + value, 0);
  const entropy = eigenvalues.reduce(
    (sum, value) => sum - (value > 0 ? (value / total) * Math.log(value / total) : 0),
    0,
  );
  return Math.exp(entropy);
}

/** Rows that are multiplied together, and dimensions that meet while these are in the cache. */
const CHUNK = 256;
const SIDE = 64;

/** Whether there is anything to be spread: false where all rows of [N, E] are equal, as those of a network that has collapsed. */
export function rowsDiffer(rows: EmbeddingRows, embedding: number): boolean {
  return rows.some((value, i) => value !== rows[i % embedding]);
}

/** Σ (x − mean)(x − mean)ᵀ / N: [N, E] → [E, E]. Throws when all rows are equal. */
export function covarianceOf(rows: EmbeddingRows, embedding: number): Float64Array {
  const count = countRows(rows, embedding);
  const mean = new Float64Array(embedding);
  for (let i = 0; i < rows.length; i++) mean[i % embedding] += rows[i];
  const centred = Float64Array.from(rows, (value, i) => value - mean[i % embedding] / count);
  if (!rowsDiffer(rows, embedding)) {
    throw new Error(`effectiveRank: features must differ, but all ${count} rows of ${embedding} are equal.`);
  }
  const side = wholeFours(embedding);
  const products = new Float64Array(side * side);
  for (let start = 0; start < count; start += CHUNK) {
    const values = columnsOf(centred, embedding, start, Math.min(count, start + CHUNK), CHUNK);
    const tile = (from: number) => ({ values, from: from * CHUNK, count: Math.min(SIDE, side - from) });
    for (let i = 0; i < side; i += SIDE) {
      // tiles on and below the diagonal
      for (let j = 0; j <= i; j += SIDE) addProductTile(tile(i), tile(j), CHUNK, products, i * side + j, side);
    }
  }
  return Float64Array.from({ length: embedding * embedding }, (_, place) => {
    const [i, j] = [Math.floor(place / embedding), place % embedding];
    return products[Math.max(i, j) * side + Math.min(i, j)] / count;
  });
}
