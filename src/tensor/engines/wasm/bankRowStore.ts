/**
 * A table of rows in wasm memories: kernels on all threads run on the rows where they are, however many there are.
 *
 * A small table is one part in the engine's own memory. A large one is spread over banks, in contiguous ranges; sampled rows then cross
 * between two memories, gathered by a kernel on one side and copied as one piece (rowTransfer.ts). Pages that nobody has
 * touched cost nothing, so state that starts at zero takes memory row by row.
 */
import type { Engine, FloatArray } from "../../engine.js";
import {
  assertRowsOf,
  rowFunction,
  wholeRows,
  type RowInitializer,
  type RowStorage,
  type RowStore,
  type RowStoreOptions,
} from "../../rowStore.js";
import type { Tensor } from "../../tensor.js";
import { pointerOf, type Context } from "./context.js";
import type { RowBanks, RowPart } from "./rowBanks.js";
import { FORMATS, gatherPart, loadPart, readPart, splitIndex, writePart, type Layout } from "./rowTransfer.js";

export type { RowPart };

/** Operations of the kernel normalRows on one element, about. */
const NORMAL_WORK = 40;
/** Elements that are made at a time: V8 has optimised code for the next call only, not for one that already runs. */
const INITIAL_ELEMENTS = 2 ** 18;

export class BankRowStore implements RowStore {
  readonly parts: readonly RowPart[];
  readonly rows: number;
  readonly storage: RowStorage;
  private readonly layout: Layout;
  private disposed = false;

  constructor(
    readonly engine: Engine & Context,
    private readonly banks: RowBanks,
    readonly columns: number,
    { initialize, storage = "float32" }: RowStoreOptions = {},
  ) {
    this.storage = storage;
    this.layout = { columns, format: FORMATS[storage] };
    this.rows = banks.ranges.reduce((sum, { rows }) => sum + rows, 0);
    const parts: RowPart[] = [];
    this.parts = parts;
    banks.join();
    try {
      for (const range of banks.ranges) {
        const bytes = range.rows * columns * this.layout.format.bytes;
        parts.push({
          ...range,
          pointer: initialize ? range.bank.allocate(bytes) : range.bank.heap.allocateZeros(bytes),
        });
      }
      if (initialize) for (const part of parts) this.initialize(part, initialize);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  get bytes(): number {
    return this.rows * this.columns * this.layout.format.bytes;
  }

  beside(storage = this.storage): BankRowStore {
    this.assertLive();
    return new BankRowStore(this.engine, this.banks, this.columns, { storage });
  }

  gather(index: Int32Array): Tensor {
    this.assertRows(index);
    const tensor = this.engine.make([index.length, this.columns]);
    const to = pointerOf(this.engine, tensor, "gather");
    for (const piece of splitIndex(this.parts, index)) gatherPart(this.engine, piece, to, this.layout);
    return tensor;
  }

  write(index: Int32Array, values: Tensor): void {
    this.assertRows(index);
    const from = pointerOf(this.engine, values, "write");
    assertRowsOf(values, index.length, this.columns);
    for (const piece of splitIndex(this.parts, index)) writePart(this.engine, piece, from, this.layout);
  }

  async read(start: number, count: number): Promise<FloatArray> {
    const copy = new Float32Array(count * this.columns);
    this.eachRange(start, count, (part, row, rows, offset) => {
      readPart(part, row, copy.subarray(offset, offset + rows * this.columns), this.layout);
    });
    return copy;
  }

  load(start: number, values: FloatArray): void {
    this.eachRange(start, wholeRows(values, this.columns), (part, row, rows, offset) => {
      loadPart(part, row, values.subarray(offset, offset + rows * this.columns), this.layout);
    });
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    for (const { bank, pointer } of this.parts) bank.release(pointer);
    this.banks.leave();
  }

  /** @throws Error if the table's memory may hold something else by now. */
  assertLive(): void {
    if (this.disposed) throw new Error("row store: the table was already disposed.");
  }

  private initialize({ bank, pointer, first, rows }: RowPart, initialize: RowInitializer): void {
    const { columns } = this;
    const most = Math.max(1, Math.floor(INITIAL_ELEMENTS / columns));
    if (typeof initialize === "function") {
      const fill = rowFunction(initialize, columns);
      for (let start = first; start < first + rows; start += most) {
        const values = new Float32Array(Math.min(most, first + rows - start) * columns);
        for (let row = 0; row * columns < values.length; row++) fill(start + row, values, row * columns);
        this.load(start, values);
      }
    } else {
      const { key, deviation } = initialize;
      const half = this.storage === "float16";
      for (let start = 0; start < rows; start += most) {
        const count = Math.min(most, rows - start);
        const to = pointer + start * columns * this.layout.format.bytes;
        const args = [to, columns, initialize.first + first + start, ...key, deviation, half ? 1 : 0];
        bank.run("normalRows", count, args, count * columns * NORMAL_WORK, half ? columns * 4 : 0);
      }
    }
  }

  /** Visits what of rows start … start + count − 1 lies in each part: row and rows of the part, and the offset in an array of all. */
  private eachRange(
    start: number,
    count: number,
    visit: (part: RowPart, row: number, rows: number, offset: number) => void,
  ): void {
    this.assertLive();
    if (count > 0) for (const row of [start, start + count - 1]) this.assertRow(row);
    for (const part of this.parts) {
      const from = Math.max(start, part.first);
      const to = Math.min(start + count, part.first + part.rows);
      if (from < to) visit(part, from - part.first, to - from, (from - start) * this.columns);
    }
  }

  private assertRows(index: Int32Array): void {
    this.assertLive();
    for (let i = 0; i < index.length; i++) this.assertRow(index[i]);
  }

  private assertRow(row: number): void {
    if (!(row >= 0 && row < this.rows)) {
      throw new Error(`row store: row ${row} is outside the table of ${this.rows} rows.`);
    }
  }
}
