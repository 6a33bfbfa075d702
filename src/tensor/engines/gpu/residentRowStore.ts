/**
 * A table of rows on the device, in chunks of whole rows, each one array.
 *
 * No kernel writes to a place of its choice. So a write is told from the side of the table: an inverse index says for each row of a chunk
 * which of the values it becomes, and a kernel makes the chunk anew. That costs a pass over the chunks with written rows, on the device;
 * the others are not touched, and nothing but row numbers is sent up.
 */
import type { FloatArray } from "../../engine.js";
import {
  assertRows,
  assertRowsOf,
  notDisposed,
  rowFunction,
  rowRange,
  wholeRows,
  type RowFunction,
  type RowInitializer,
  type RowStorage,
  type RowStore,
} from "../../rowStore.js";
import type { Tensor } from "../../tensor.js";
import { withIndex } from "./context.js";
import { WITH_INTEGER, integer } from "./integers.js";
import { kernel, type Thread } from "./kernel.js";
import { gatherRows, slice } from "./movement.js";
import { ELEMENT_BYTES, checkStorage, type TableEngine } from "./tables.js";

/** 256 MiB: a chunk is there twice while a write makes it anew. */
const CHUNK_ELEMENTS = 2 ** 26;
/** Far below 2^24, from which on float32 does not hold every row number. */
const CHUNK_ROWS = 2 ** 22;

/** Row index[y] of `rows`, or where that is −1 what stood there before. */
const replaceRowsKernel = kernel(
  "replaceRows",
  { arrays: 3, integers: 1, helpers: WITH_INTEGER },
  function (this: Thread, before: number[], rows: number[], index: number[], columns: number) {
    if (index[this.thread.y] < 0) return before[this.thread.y * columns + this.thread.x];
    return rows[integer(index[this.thread.y]) * columns + this.thread.x];
  },
);

interface Chunk {
  /** Its first row in the table. */
  readonly first: number;
  readonly rows: number;
  /** [rows, columns] */
  readonly values: Tensor;
}

export interface ResidentOptions {
  /** Default: zeros. */
  readonly initialize?: RowInitializer;
  /** Tables that will be laid beside it, for which room is held; default 0. */
  readonly planned?: number;
  /** The most elements of a chunk. */
  readonly chunkElements?: number;
}

export class ResidentRowStore implements RowStore {
  readonly storage = "float32";
  private chunks: readonly Chunk[] | undefined;
  private readonly chunkElements: number;
  private readonly tableBytes: number;
  private planned: number;

  constructor(
    readonly engine: TableEngine,
    readonly rows: number,
    readonly columns: number,
    { initialize, planned = 0, chunkElements = CHUNK_ELEMENTS }: ResidentOptions = {},
  ) {
    this.chunkElements = Math.min(chunkElements, engine.device.largest);
    this.tableBytes = rows * columns * ELEMENT_BYTES;
    this.planned = planned;
    const rowsPerChunk = Math.min(CHUNK_ROWS, Math.max(1, Math.floor(this.chunkElements / columns)));
    const fill = initialize && rowFunction(initialize, columns);
    const chunks: Chunk[] = [];
    for (let first = 0; first < rows; first += rowsPerChunk) {
      const count = Math.min(rowsPerChunk, rows - first);
      const values = fill ? this.filled(fill, first, count) : engine.full([count, columns], 0);
      chunks.push({ first, rows: count, values: engine.keep(values) });
    }
    this.chunks = chunks;
    engine.resident.take((1 + planned) * this.tableBytes);
  }

  get bytes(): number {
    return this.chunks ? this.tableBytes : 0;
  }

  gather(index: Int32Array): Tensor {
    const { engine, columns } = this;
    const parts = this.split(index);
    if (parts.length === 0) return engine.full([0, columns], 0);
    return engine.scope(() => {
      const [first, ...others] = parts;
      // one row or another stands for those of other chunks, until these put theirs in its place
      const start = others.length === 0 ? first.local : first.local.map((row) => Math.max(0, row));
      let gathered = gatherRows(engine, first.values, start);
      for (const { values, local } of others) gathered = this.replace(gathered, values, local);
      return gathered;
    });
  }

  write(index: Int32Array, values: Tensor): void {
    const parts = this.split(index);
    assertRowsOf(values, index.length, this.columns);
    this.engine.scope(() => {
      for (const { values: chunk, local } of parts) {
        const inverse = new Int32Array(chunk.shape[0]).fill(-1);
        for (const [position, row] of local.entries()) if (row >= 0) inverse[row] = position; // of repeated rows the last one stays
        // a chunk that is written whole does not hang on what it was, not even on a failure
        const isWhole = !inverse.includes(-1);
        const written = isWhole ? gatherRows(this.engine, values, inverse) : this.replace(chunk, values, inverse);
        this.engine.assign(chunk, written);
      }
    });
  }

  async read(start: number, count: number): Promise<FloatArray> {
    const chunks = notDisposed(this.chunks);
    const { engine, columns } = this;
    const { length } = rowRange(start, count, this.rows);
    const copy = new Float32Array(length * columns);
    const reading: Promise<void>[] = [];
    for (const { first, rows, values } of chunks) {
      const from = Math.max(start, first);
      const to = Math.min(start + count, first + rows);
      if (from >= to) continue;
      // all are queued before anything is awaited, so that what is written later is not seen; a piece is gone before the next is made
      using piece = slice(engine, values, 0, from - first, to - first);
      reading.push(piece.data().then((data) => copy.set(data, (from - start) * columns)));
    }
    await Promise.all(reading);
    return copy;
  }

  load(start: number, values: FloatArray): void {
    const index = rowRange(start, wholeRows(values, this.columns), this.rows);
    notDisposed(this.chunks);
    this.engine.scope(() => this.write(index, this.engine.tensor(values, [index.length, this.columns])));
  }

  beside(storage: RowStorage = "float32"): ResidentRowStore {
    notDisposed(this.chunks);
    checkStorage(this.engine, storage);
    if (this.planned > 0) {
      this.planned--;
      this.engine.resident.giveBack(this.tableBytes); // the room that was held for it
    }
    return new ResidentRowStore(this.engine, this.rows, this.columns, { chunkElements: this.chunkElements });
  }

  dispose(): void {
    if (!this.chunks) return;
    for (const { values } of this.chunks) values.dispose();
    this.chunks = undefined;
    this.engine.resident.giveBack((1 + this.planned) * this.tableBytes);
  }

  /** Made when the queue comes to it, so that the table is never on the host as a whole. */
  private filled(fill: RowFunction, first: number, count: number): Tensor {
    const { deferred } = this.engine;
    return deferred.tensor("rowStore", [count, this.columns], [], () => {
      const values = new Float32Array(count * this.columns);
      for (let row = 0; row < count; row++) fill(first + row, values, row * this.columns);
      return deferred.upload(values);
    });
  }

  /** Row index[y] of `rows`, or where that is −1 row y of `before`: the shape of `before`. */
  private replace(before: Tensor, rows: Tensor, index: Int32Array): Tensor {
    const { engine, columns } = this;
    return withIndex(engine, index, (numbers) =>
      engine.launch(replaceRowsKernel, before.shape, [columns, index.length], [before, rows, numbers], [columns]),
    );
  }

  /** The chunks in which some of these rows lie, each with their numbers in it, −1 for those of other chunks. */
  private split(index: Int32Array): readonly { readonly values: Tensor; readonly local: Int32Array }[] {
    const chunks = notDisposed(this.chunks);
    assertRows(index, this.rows);
    const parts: { readonly values: Tensor; readonly local: Int32Array }[] = [];
    for (const { first, rows, values } of chunks) {
      const local = index.map((row) => (row >= first && row < first + rows ? row - first : -1));
      if (local.some((row) => row >= 0)) parts.push({ values, local });
    }
    return parts;
  }
}
