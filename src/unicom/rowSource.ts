/** Rows of features that are read a range at a time, so that what is clustered may be larger than memory. */

import { Breath } from "./breath.js";

export interface RowSource {
  readonly rows: number;
  readonly columns: number;
  /** Rows start … end − 1, row-major: (end − start) · columns numbers. They are read, never written to. */
  read(start: number, end: number): Float32Array | Promise<Float32Array>;
}

/** An array in memory as a source; the array is not copied. @throws Error unless it holds whole rows */
export function rowsOf(values: Float32Array, columns: number): RowSource {
  const rows = values.length / columns;
  if (!Number.isInteger(columns) || columns < 1 || !Number.isInteger(rows)) {
    throw new Error(
      `rowsOf: an array of whole rows has a multiple of ${columns} numbers, at least one a row; given ${values.length}.`,
    );
  }
  return { rows, columns, read: (start, end) => values.subarray(start * columns, end * columns) };
}

/** @throws Error where the source gave another number of elements */
export async function readRows(source: RowSource, start: number, end: number): Promise<Float32Array> {
  const given = source.read(start, end);
  const values = given instanceof Float32Array ? given : await given;
  const expected = (end - start) * source.columns;
  if (values.length !== expected) {
    throw new Error(
      `rows ${start} to ${end} of ${source.columns} columns are ${expected} numbers; the source gave ${values.length}.`,
    );
  }
  return values;
}

/** Those rows, one after another. */
export async function gatherFrom(source: RowSource, index: ArrayLike<number>): Promise<Float32Array> {
  const gathered = new Float32Array(index.length * source.columns);
  for (let i = 0; i < index.length; i++) {
    gathered.set(await readRows(source, index[i], index[i] + 1), i * source.columns);
  }
  return gathered;
}

/** How a pass walks over all rows. */
export interface Walk {
  readonly chunkRows: number;
  readonly signal?: AbortSignal | undefined;
}

/** Hands out all rows, a chunk at a time and in order; between chunks timers and signals run. @throws the signal's reason */
export async function* chunksOf(
  source: RowSource,
  { chunkRows, signal }: Walk,
): AsyncGenerator<{ start: number; end: number; values: Float32Array }> {
  const breath = new Breath();
  for (let start = 0; start < source.rows; start += chunkRows) {
    await breath.take(signal);
    const end = Math.min(source.rows, start + chunkRows);
    yield { start, end, values: await readRows(source, start, end) };
  }
}
