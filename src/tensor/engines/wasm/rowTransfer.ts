/**
 * Sampled rows between the parts of a table and a tensor of the engine.
 *
 * Where both lie in one memory, a kernel on all threads moves the rows. Between two memories no kernel reaches, and copying row by row
 * from JavaScript costs about 100 ns a row; so rows are gathered by a kernel into a block beside the part, and the block crosses as one
 * piece, a megabyte at a time. Rows that do not stand together in the tensor cross to a block beside it and are spread from there.
 */
import type { FloatArray } from "../../engine.js";
import type { RowStorage } from "../../rowStore.js";
import { blocksOf, withBlock, withTable, type Context, type Place } from "./context.js";
import type { RowPart } from "./rowBanks.js";

/** A block on its way stays in the second-level cache. */
const BLOCK_BYTES = 2 ** 20;

/** How the elements of a table lie, and the kernels that know it; tensors are always float32. */
export interface Format {
  readonly bytes: number;
  readonly gather: string;
  readonly write: string;
  /** Between the table's elements and floats; none where they are the same. */
  readonly widen?: string;
  readonly narrow?: string;
}

export const FORMATS: Readonly<Record<RowStorage, Format>> = {
  float32: { bytes: 4, gather: "gatherRows", write: "writeRows" },
  float16: { bytes: 2, gather: "gatherHalfRows", write: "writeHalfRows", widen: "widen", narrow: "narrow" },
};

export interface Layout {
  readonly columns: number;
  readonly format: Format;
}

/** What of an index falls into one part. */
export interface IndexPiece {
  readonly part: RowPart;
  /** Rows, counted from the first of the part, in the order of the index. */
  readonly rows: Int32Array;
  /** Where they stand in the index; a number: from there on, one behind the other. */
  readonly positions: Int32Array | number;
}

/** The rows of `index` by part, those without a row left out; of repeated rows the order stays. */
export function splitIndex(parts: readonly RowPart[], index: Int32Array): IndexPiece[] {
  if (index.length === 0) return [];
  if (parts.length === 1) return [{ part: parts[0], rows: index, positions: 0 }];
  const owner = new Uint16Array(index.length);
  const counts = new Int32Array(parts.length);
  let together = true;
  for (let i = 0, part = 0; i < index.length; i++) {
    const before = part;
    while (index[i] < parts[part].first) part--;
    while (index[i] >= parts[part].first + parts[part].rows) part++;
    if (part < before) together = false;
    owner[i] = part;
    counts[part]++;
  }
  const rows = parts.map((_, part) => new Int32Array(counts[part]));
  const positions = parts.map((_, part) => new Int32Array(together ? 0 : counts[part]));
  const filled = new Int32Array(parts.length);
  for (let i = 0; i < index.length; i++) {
    const part = owner[i];
    if (!together) positions[part][filled[part]] = i;
    rows[part][filled[part]++] = index[i] - parts[part].first;
  }
  let start = 0;
  return parts.flatMap((part, number) => {
    const piece = { part, rows: rows[number], positions: together ? start : positions[number] };
    start += counts[number];
    return piece.rows.length > 0 ? [piece] : [];
  });
}

/** Copies the rows of a piece to their places in the tensor at `to`. */
export function gatherPart(engine: Context, piece: IndexPiece, to: number, { columns, format }: Layout): void {
  const { part, rows, positions } = piece;
  if (part.bank.heap === engine.heap && typeof positions === "number") {
    moveRows(engine, format.gather, part.pointer, rows, to + positions * columns * 4, columns);
    return;
  }
  throughBlocks(engine, piece, columns, (start, count, here, there) => {
    moveRows(part.bank, format.gather, part.pointer, rows.subarray(start, start + count), there, columns);
    if (typeof positions === "number") {
      copyFloats(part.bank, there, engine, to + (positions + start) * columns * 4, count * columns);
    } else {
      copyFloats(part.bank, there, engine, here, count * columns);
      moveRows(engine, "writeRows", here, positions.subarray(start, start + count), to, columns);
    }
  });
}

/** Copies the rows of a piece from their places in the tensor at `from`. */
export function writePart(engine: Context, piece: IndexPiece, from: number, { columns, format }: Layout): void {
  const { part, rows, positions } = piece;
  if (part.bank.heap === engine.heap && typeof positions === "number") {
    moveRows(engine, format.write, from + positions * columns * 4, rows, part.pointer, columns);
    return;
  }
  throughBlocks(engine, piece, columns, (start, count, here, there) => {
    if (typeof positions === "number") {
      copyFloats(engine, from + (positions + start) * columns * 4, part.bank, there, count * columns);
    } else {
      moveRows(engine, "gatherRows", from, positions.subarray(start, start + count), here, columns);
      copyFloats(engine, here, part.bank, there, count * columns);
    }
    moveRows(part.bank, format.write, there, rows.subarray(start, start + count), part.pointer, columns);
  });
}

/** Rows of the part from `row` on, as many as fill the array. */
export function readPart(part: RowPart, row: number, target: Float32Array, { columns, format }: Layout): void {
  const from = part.pointer + row * columns * format.bytes;
  const { bank } = part;
  if (format.widen === undefined) {
    target.set(bank.heap.floats.subarray(from / 4, from / 4 + target.length));
    return;
  }
  for (let start = 0; start < target.length; start += BLOCK_BYTES / 4) {
    const count = Math.min(BLOCK_BYTES / 4, target.length - start);
    withBlock(bank, count * 4, (block) => {
      bank.run(format.widen!, blocksOf(count), [from + start * format.bytes, block, count], count);
      target.set(bank.heap.floats.subarray(block / 4, block / 4 + count), start);
    });
  }
}

/** Overwrites rows of the part from `row` on, as many as the array has. */
export function loadPart(part: RowPart, row: number, values: FloatArray, { columns, format }: Layout): void {
  const to = part.pointer + row * columns * format.bytes;
  const { bank } = part;
  if (format.narrow === undefined) {
    bank.heap.floats.set(values, to / 4);
    return;
  }
  for (let start = 0; start < values.length; start += BLOCK_BYTES / 4) {
    const count = Math.min(BLOCK_BYTES / 4, values.length - start);
    withBlock(bank, count * 4, (block) => {
      bank.heap.floats.set(values.subarray(start, start + count), block / 4);
      bank.run(format.narrow!, blocksOf(count), [block, to + start * format.bytes, count], count);
    });
  }
}

/** Calls `move` for a megabyte of rows at a time, with a block in the engine's memory (where it is needed) and one in the part's. */
function throughBlocks(
  engine: Context,
  { part, rows, positions }: IndexPiece,
  columns: number,
  move: (start: number, count: number, here: number, there: number) => void,
): void {
  const most = Math.min(rows.length, Math.max(1, Math.floor(BLOCK_BYTES / (columns * 4))));
  withBlock(part.bank, most * columns * 4, (there) => {
    withBlock(engine, typeof positions === "number" ? 0 : most * columns * 4, (here) => {
      for (let start = 0; start < rows.length; start += most) {
        move(start, Math.min(most, rows.length - start), here, there);
      }
    });
  });
}

/** gather…: y[i] = x[index[i]]; write…: y[index[i]] = x[i]. */
function moveRows(place: Place, kernel: string, x: number, index: Int32Array, y: number, columns: number): void {
  // Rows that are repeated must be written in order, which one thread does: it is the least work that is not shared.
  const shared = kernel.startsWith("gather") || ascends(index);
  withTable(place, index, (table) => {
    place.run(kernel, index.length, [x, table, y, columns], shared ? index.length * columns : 0);
  });
}

function copyFloats(from: Place, source: number, to: Place, target: number, count: number): void {
  to.heap.floats.set(from.heap.floats.subarray(source / 4, source / 4 + count), target / 4);
}

function ascends(index: Int32Array): boolean {
  for (let i = 1; i < index.length; i++) if (index[i] <= index[i - 1]) return false;
  return true;
}
