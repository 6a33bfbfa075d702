/**
 * A table of rows, larger than any tensor perhaps: class centers and their optimizer state. What every engine's table can do; the tables
 * themselves are hostRowStore.ts (the reference engine's), engines/wasm/bankRowStore.ts and engines/gpu/rowStore.ts.
 *
 * A training step gathers the sampled rows into a tensor, computes, and writes back those rows only; or it sweeps over them where
 * they are (cosineSweep.ts).
 */
import type { Engine, FloatArray } from "./engine.js";
import { hashNormal, type Key } from "./random.js";
import { formatShape } from "./shape.js";
import type { Tensor } from "./tensor.js";

/** Writes the initial values of one row into `target` at `offset`. Must be a function of the row number alone. */
export type RowFunction = (row: number, target: FloatArray, offset: number) => void;

/**
 * deviation · hashNormal(key, first + row, column) at every place: a description, so that an engine can compute it with all threads.
 * Engines agree on the radius and the angle to the last bits of a double; what is kept in float32 is the same but for one in a hundred
 * million elements, which is its neighbour.
 */
export interface NormalRows {
  readonly key: Key;
  readonly first: number;
  readonly deviation: number;
}

export type RowInitializer = RowFunction | NormalRows;

/** The definition of an initializer, row by row. */
export function rowFunction(initialize: RowInitializer, columns: number): RowFunction {
  if (typeof initialize === "function") return initialize;
  const { key, first, deviation } = initialize;
  return (row, target, offset) => {
    for (let column = 0; column < columns; column++) {
      target[offset + column] = deviation * hashNormal(key, first + row, column);
    }
  };
}

/**
 * How elements are kept. "float32": as the engine computes (float64 on an engine that does). "float16": rounded to IEEE 754 binary16
 * when they are written, which halves the memory on the wasm engine; arithmetic stays as it is.
 */
export type RowStorage = "float32" | "float16";

export interface RowStoreOptions {
  /** Default: zeros. */
  readonly initialize?: RowInitializer;
  /** Default: "float32". */
  readonly storage?: RowStorage;
  /** What will be laid beside it, counted where the memory is checked; default: one table of the same storage. */
  readonly besides?: readonly RowStorage[];
}

export interface RowStore {
  readonly engine: Engine;
  readonly rows: number;
  readonly columns: number;
  readonly storage: RowStorage;
  /** Bytes held for the table. */
  readonly bytes: number;
  /** Those rows, in that order: [index.length, columns]. */
  gather(index: Int32Array): Tensor;
  /** Writes the rows of `values`: [index.length, columns]. Repeated rows: the last one stays. */
  write(index: Int32Array, values: Tensor): void;
  /** A copy of `count` rows from `start`: for checkpoints, statistics and tests. */
  read(start: number, count: number): Promise<FloatArray>;
  /** Overwrites rows from `start`. */
  load(start: number, values: FloatArray): void;
  /**
   * Another table of the same rows, of zeros, laid beside this one, so that one sweep can write both: optimizer state.
   * storage: default that of this table.
   */
  beside(storage?: RowStorage): RowStore;
  dispose(): void;
}

/** How many rows these numbers are. @throws Error if the last one is not whole. */
export function wholeRows({ length }: FloatArray, columns: number): number {
  if (length % columns === 0) return length / columns;
  throw new Error(`row store: whole rows of ${columns} numbers are loaded; given ${length} numbers.`);
}

/** @throws Error unless the tensor has the elements of so many rows. */
export function assertRowsOf(values: Tensor, rows: number, columns: number): void {
  if (values.size === rows * columns) return;
  throw new Error(`row store: ${rows} rows of ${columns} are written; given a tensor of ${formatShape(values.shape)}.`);
}

/** @throws Error if one of these is no row of the table. */
export function assertRows(index: Int32Array, rows: number): void {
  const outside = index.find((row) => row < 0 || row >= rows);
  if (outside === undefined) return;
  throw new Error(`row store: row ${outside} is outside the table of ${rows} rows.`);
}

/** start, …, start + count − 1. @throws Error if one of these is no row of the table. */
export function rowRange(start: number, count: number, rows: number): Int32Array {
  if (count > 0) assertRows(Int32Array.of(start, start + count - 1), rows);
  return Int32Array.from({ length: count }, (_, row) => start + row);
}

/** What a table keeps until it is disposed. @throws Error if it was. */
export function notDisposed<Kept>(kept: Kept | undefined): Kept {
  if (kept !== undefined) return kept;
  throw new Error("row store: the table was already disposed.");
}
