/**
 * A table of rows in wasm memories: kernels on all threads run on the rows where they are, however many there are.
 *
 * A small table is one part in the engine's own memory. A large one is spread over banks, in contiguous ranges; sampled rows then cross
 * between two memories, gathered by a kernel on one side and copied as one piece (rowTransfer.ts). Pages that nobody has
 * touched cost nothing, so state that starts at zero takes memory row by row.
 */
import type { Engine, FloatArray } from "../../engine.js";
import { assertRowsOf, wholeRows, type RowInitializer, type RowStore, type RowStoreOptions } from "../../rowStore.js";
import type { Tensor } from "../../tensor.js";
import { pointerOf, type Context } from "./context.js";
import type { RowBanks, RowPart } from "./rowBanks.js";
import { gatherPart, splitIndex, writePart } from "./rowTransfer.js";

export type { RowPart };

export class BankRowStore implements RowStore {
  readonly parts: readonly RowPart[];
  readonly rows: number;
  readonly storage = "float32";
  private disposed = false;

  constructor(
    readonly engine: Engine & Context,
    private readonly banks: RowBanks,
    readonly columns: number,
    { initialize }: RowStoreOptions = {},
  ) {
    this.rows = banks.ranges.reduce((sum, { rows }) => sum + rows, 0);
    const parts: RowPart[] = [];
    this.parts = parts;
    banks.join();
    try {
      for (const range of banks.ranges) {
        const bytes = range.rows * columns * 4;
        const pointer = initialize ? range.bank.allocate(bytes) : range.bank.heap.allocateZeros(bytes);
        parts.push({ ...range, pointer });
        if (initialize) this.initializePart(parts.at(-1)!, initialize);
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  get bytes(): number {
    return this.rows * this.columns * 4;
  }

  beside(): BankRowStore {
    this.assertLive();
    return new BankRowStore(this.engine, this.banks, this.columns);
  }

  gather(index: Int32Array): Tensor {
    this.assertRows(index);
    const tensor = this.engine.make([index.length, this.columns]);
    const to = pointerOf(this.engine, tensor, "gather");
    for (const piece of splitIndex(this.parts, index)) gatherPart(this.engine, piece, to, this.columns);
    return tensor;
  }

  write(index: Int32Array, values: Tensor): void {
    this.assertRows(index);
    const from = pointerOf(this.engine, values, "write");
    assertRowsOf(values, index.length, this.columns);
    for (const piece of splitIndex(this.parts, index)) writePart(this.engine, piece, from, this.columns);
  }

  async read(start: number, count: number): Promise<FloatArray> {
    const copy = new Float32Array(count * this.columns);
    this.eachRange(start, count, (elements, offset) => copy.set(elements, offset));
    return copy;
  }

  load(start: number, values: FloatArray): void {
    this.eachRange(start, wholeRows(values, this.columns), (elements, offset) => {
      elements.set(values.subarray(offset, offset + elements.length));
    });
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    for (const { bank, pointer } of this.parts) bank.release(pointer);
    this.banks.leave();
  }

  private initializePart({ bank, pointer, first, rows }: RowPart, initialize: RowInitializer): void {
    for (let row = 0; row < rows; row++) initialize(first + row, bank.heap.floats, pointer / 4 + row * this.columns);
  }

  /** The elements of rows start … start + count − 1, part by part, and where they begin in an array of those rows. */
  private eachRange(start: number, count: number, visit: (elements: Float32Array, offset: number) => void): void {
    if (count > 0) for (const row of [start, start + count - 1]) this.assertRow(row);
    else this.assertLive();
    for (const { bank, pointer, first, rows } of this.parts) {
      const from = Math.max(start, first);
      const to = Math.min(start + count, first + rows);
      if (from >= to) continue;
      const begin = pointer / 4 + (from - first) * this.columns;
      visit(bank.heap.floats.subarray(begin, begin + (to - from) * this.columns), (from - start) * this.columns);
    }
  }

  private assertRows(index: Int32Array): void {
    this.assertLive();
    for (let i = 0; i < index.length; i++) this.assertRow(index[i]);
  }

  private assertRow(row: number): void {
    this.assertLive();
    if (!(row >= 0 && row < this.rows)) {
      throw new Error(`row store: row ${row} is outside the table of ${this.rows} rows.`);
    }
  }

  private assertLive(): void {
    if (this.disposed) throw new Error("row store: the table was already disposed.");
  }
}
