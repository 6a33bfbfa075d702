/**
 * How long the class centers are: a curve to watch, since the loss looks at directions only.
 *
 * Every gradient is at right angles to its center, so centers grow, and the longer they are the less a step turns them; weight
 * decay holds against it. With sparse updates only sampled centers do either.
 */
import type { RowStore } from "../tensor/rowStore.js";

export interface CenterNorms {
  readonly mean: number;
  readonly smallest: number;
  readonly largest: number;
  /** Centers that were looked at. */
  readonly rows: number;
}

/**
 * Norms of at most `limit` centers, evenly spaced over the classes: the same ones every time.
 *
 * @param store the centers: [C, E]
 */
export async function centerNorms(store: RowStore, limit = 1000): Promise<CenterNorms> {
  const rows = Math.min(limit, store.rows);
  const index = Int32Array.from({ length: rows }, (_, i) => Math.floor((i * store.rows) / rows));
  using gathered = store.gather(index); // [rows, E]
  const values = await gathered.data();
  const norms = Array.from(index, (_, row) => {
    let squares = 0; // float64, in which no square of a float32 overflows; a tenth of the time of Math.hypot
    for (let i = row * store.columns; i < (row + 1) * store.columns; i++) squares += values[i] ** 2;
    return Math.sqrt(squares);
  });
  return {
    mean: norms.reduce((sum, norm) => sum + norm, 0) / rows,
    smallest: Math.min(...norms),
    largest: Math.max(...norms),
    rows,
  };
}
