/**
 * How long the class centers are: a curve to watch, since the loss looks at directions only.
 *
 * Every gradient is at right angles to its center, so centers grow, and the longer they are the less a step turns them; weight
 * decay holds against it. With sparse updates only sampled centers do either.
 */
import { NORM_FLOOR } from "../tensor/cosineSweep.js";
import type { RowStore } from "../tensor/rowStore.js";
import type { Tensor } from "../tensor/tensor.js";

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
  const index = evenlySpaced(store.rows, limit);
  const rows = index.length;
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

/** The mean of those norms, computed on the engine and not read: a scalar. */
export function meanCenterNorm(store: RowStore, limit = 1000): Tensor {
  const { engine } = store;
  return engine.scope(() => {
    const { norm } = engine.normalizeRows(store.gather(evenlySpaced(store.rows, limit)), NORM_FLOOR); // [rows]
    return engine.reduce("mean", norm, [0], false);
  });
}

/** At most `limit` of `count` rows, ascending. */
function evenlySpaced(count: number, limit: number): Int32Array {
  const length = Math.min(limit, count);
  return Int32Array.from({ length }, (_, i) => Math.floor((i * count) / length));
}
