/**
 * Sampled rows between the parts of a table and a tensor of the engine.
 *
 * Where both lie in one memory, a kernel on all threads moves the rows. Between two memories no kernel reaches, and copying row by row
 * from JavaScript costs about 100 ns a row; so rows are gathered by a kernel into a block beside the part, and the block crosses as one
 * piece, a megabyte at a time. Rows that do not stand together in the tensor cross to a block beside it and are spread from there.
 */
import { withBlock, withTable, type Context, type Place } from "./context.js";
import type { RowPart } from "./rowBanks.js";

/** A block on its way stays in the second-level cache. */
const BLOCK_BYTES = 2 ** 20;

/** What of an index falls into one part. */
export interface IndexPiece {
  readonly part: RowPart;
  /** Rows, counted from the first of the part, in the order of the index. */
  readonly rows: Int32Array;
  /** Where they stand in the index; a number: from there on, one behind the other. */
  readonly positions: Int32Array | number;
}

/** The rows of `index` by part; of repeated rows the order stays. */
export function splitIndex(parts: readonly RowPart[], index: Int32Array): IndexPiece[] {
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
export function gatherPart(engine: Context, { part, rows, positions }: IndexPiece, to: number, columns: number): void {
  if (part.bank.heap === engine.heap && typeof positions === "number") {
    moveRows(engine, "gatherRows", part.pointer, rows, to + positions * columns * 4, columns);
    return;
  }
  throughBlocks(engine, part, rows.length, columns, typeof positions !== "number", (start, count, here, there) => {
    moveRows(part.bank, "gatherRows", part.pointer, rows.subarray(start, start + count), there, columns);
    const block = typeof positions === "number" ? to + (positions + start) * columns * 4 : here;
    copyFloats(part.bank, there, engine, block, count * columns);
    if (typeof positions !== "number") {
      moveRows(engine, "writeRows", here, positions.subarray(start, start + count), to, columns);
    }
  });
}

/** Copies the rows of a piece from their places in the tensor at `from`. */
export function writePart(engine: Context, { part, rows, positions }: IndexPiece, from: number, columns: number): void {
  if (part.bank.heap === engine.heap && typeof positions === "number") {
    moveRows(engine, "writeRows", from + positions * columns * 4, rows, part.pointer, columns);
    return;
  }
  throughBlocks(engine, part, rows.length, columns, typeof positions !== "number", (start, count, here, there) => {
    if (typeof positions !== "number") {
      moveRows(engine, "gatherRows", from, positions.subarray(start, start + count), here, columns);
    }
    const block = typeof positions === "number" ? from + (positions + start) * columns * 4 : here;
    copyFloats(engine, block, part.bank, there, count * columns);
    moveRows(part.bank, "writeRows", there, rows.subarray(start, start + count), part.pointer, columns);
  });
}

/** Calls `move` for a megabyte of rows at a time, with a block in the engine's memory (if `spread`) and one in the part's. */
function throughBlocks(
  engine: Context,
  part: RowPart,
  rows: number,
  columns: number,
  spread: boolean,
  move: (start: number, count: number, here: number, there: number) => void,
): void {
  const most = Math.min(rows, Math.max(1, Math.floor(BLOCK_BYTES / (columns * 4))));
  withBlock(part.bank, most * columns * 4, (there) => {
    withBlock(engine, spread ? most * columns * 4 : 0, (here) => {
      for (let start = 0; start < rows; start += most) move(start, Math.min(most, rows - start), here, there);
    });
  });
}

/** gatherRows: y[i] = x[index[i]]; writeRows: y[index[i]] = x[i]. */
function moveRows(
  place: Place,
  kernel: "gatherRows" | "writeRows",
  x: number,
  index: Int32Array,
  y: number,
  columns: number,
): void {
  // Rows that are repeated must be written in order, which one thread does: it is the least work that is not shared.
  const shared = kernel === "gatherRows" || ascends(index);
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
