/**
 * One optimizer step on a table of rows: sampled rows only (`sparse`), or every row with zero gradients elsewhere (`dense`).
 *
 * Sparse costs follow the sample, never the table. Dense walks the table in chunks; the rules are elementwise, so the size of a
 * chunk does not show in the result.
 */
import type { Tensor } from "../tensor/tensor.js";
import type { CosineSweep } from "../tensor/cosineSweep.js";
import type { RowStore } from "../tensor/rowStore.js";
import { lowerBound } from "./lowerBound.js";
import type { GatheredRows, RowParameter } from "./rowParameter.js";

/** Elements of a chunk of the dense walk: 16 MiB of float32. */
const CHUNK_ELEMENTS = 2 ** 22;

/** Changes value and state in place. All [N, columns]. */
export type RowRule = (value: Tensor, gradient: Tensor, state: readonly Tensor[]) => void;

/** The same rule for rows that are still in the table, in one go with their gradient. */
export type SweepRule = (sweep: CosineSweep, state: readonly RowStore[]) => void;

/** Rows with their gradient; the index ascends without repeats. */
interface SampledRows {
  readonly index: Int32Array;
  readonly gradient: Tensor;
  /** The rows themselves, where they are already at hand. */
  readonly values?: Tensor;
}

export interface UpdateRowsOptions {
  /** Taken where the step was one sweep and only its rows are updated; without it a sweep's gradient is multiplied out. */
  readonly sweepRule?: SweepRule;
  /** Of the dense walk. */
  readonly chunkElements?: number;
}

/**
 * Applies the rule; false where no gathered row has a gradient. Ends the sweeps: their rows are others now.
 *
 * @param state optimizer state, tables of the same size that lie beside this one
 */
export function updateRows(
  rows: RowParameter,
  state: readonly RowStore[],
  rule: RowRule,
  { sweepRule, chunkElements = CHUNK_ELEMENTS }: UpdateRowsOptions = {},
): boolean {
  const pending = rows.pending.filter(({ variable }) => variable.grad !== undefined);
  if (pending.length === 0) return false;
  const [{ sweep }] = pending;
  if (sweep && sweepRule && pending.length === 1 && rows.update === "sparse") sweepRule(sweep, state);
  else rows.engine.scope(() => updateGathered(rows, state, rule, mergeGathered(rows, pending), chunkElements));
  for (const { sweep: ended } of rows.pending) ended?.dispose();
  return true;
}

function updateGathered(
  rows: RowParameter,
  state: readonly RowStore[],
  rule: RowRule,
  sampled: SampledRows,
  chunkElements: number,
): void {
  if (rows.update === "sparse") {
    writeBack(rows, state, rule, sampled.index, sampled.gradient, sampled.values);
    return;
  }
  const rowsPerChunk = Math.max(1, Math.floor(chunkElements / rows.columns));
  for (let start = 0; start < rows.rows; start += rowsPerChunk) {
    const count = Math.min(rowsPerChunk, rows.rows - start);
    rows.engine.scope(() => {
      const index = Int32Array.from({ length: count }, (_, row) => start + row);
      writeBack(rows, state, rule, index, gradientOfChunk(sampled, start, count));
    });
  }
}

/** Gathers values and state of those rows, applies the rule, writes all back. */
function writeBack(
  rows: RowParameter,
  state: readonly RowStore[],
  rule: RowRule,
  index: Int32Array,
  gradient: Tensor,
  values = rows.store.gather(index),
): void {
  const gathered = state.map((table) => table.gather(index));
  rule(values, gradient, gathered);
  rows.store.write(index, values);
  for (const [position, table] of state.entries()) table.write(index, gathered[position]);
}

/** The usual step gathers once, in ascending order. Else: the union of the rows, with gradients of the same row summed in order. */
function mergeGathered(rows: RowParameter, pending: readonly GatheredRows[]): SampledRows {
  const [first] = pending;
  if (pending.length === 1 && ascends(first.index)) {
    return { index: first.index, gradient: gradientOf(first), values: first.sweep ? undefined : first.variable.tensor };
  }
  const { engine } = rows;
  const union = distinct(pending.map(({ index }) => index));
  const gradient = engine.full([union.length, rows.columns], 0);
  for (const part of pending) {
    const place = part.index.map((row) => lowerBound(union, row));
    engine.blend(gradient, 1, engine.scatterAddRows(gradientOf(part), place, union.length), 1);
  }
  return { index: union, gradient };
}

/** Of gathered or swept rows, once the loss was differentiated: [index.length, columns]. The sweep's is computed anew each time. */
export function gradientOf({ variable, sweep }: GatheredRows): Tensor {
  return sweep ? sweep.gradient() : variable.grad!;
}

/** Gradient of rows start <= row < start + count, zero where not sampled: [count, columns]. */
function gradientOfChunk({ index, gradient }: SampledRows, start: number, count: number): Tensor {
  const { engine } = gradient;
  const from = lowerBound(index, start);
  const to = lowerBound(index, start + count);
  if (from === to) return engine.full([count, gradient.shape[1]], 0);
  const place = index.slice(from, to).map((row) => row - start);
  return engine.scatterAddRows(engine.slice(gradient, 0, from, to), place, count);
}

function ascends(index: Int32Array): boolean {
  for (let i = 1; i < index.length; i++) if (index[i] <= index[i - 1]) return false;
  return true;
}

/** All numbers, ascending, each once. */
function distinct(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    all.set(part, end);
    end += part.length;
  }
  all.sort();
  return all.filter((row, position) => position === 0 || row !== all[position - 1]);
}
