/**
 * A table of rows in the engine's own memory: for tables small enough, because kernels on all threads move their rows.
 *
 * Measured with 100,000 rows of 512, of which 10,000 are gathered and written back, on one thread of an AMD EPYC: 1.7 and 1.6 ms, against
 * 4.5 and 3.2 ms from host memory.
 */
import type { Engine, FloatArray } from "../../engine.js";
import { wholeRows, type RowInitializer, type RowStore } from "../../rowStore.js";
import type { Tensor } from "../../tensor.js";
import { pointerOf, withTable, type Context } from "./context.js";

export class HeapRowStore implements RowStore {
  private readonly pointer: number;
  private disposed = false;

  constructor(
    readonly engine: Engine & Context,
    readonly rows: number,
    readonly columns: number,
    initialize?: RowInitializer,
  ) {
    this.pointer = engine.allocate(this.bytes);
    const elements = this.elements(0, rows);
    if (!initialize) elements.fill(0);
    else for (let row = 0; row < rows; row++) initialize(row, elements, row * columns);
  }

  get bytes(): number {
    return this.rows * this.columns * 4;
  }

  gather(index: Int32Array): Tensor {
    this.assertRows(index);
    const tensor = this.engine.make([index.length, this.columns]);
    withTable(this.engine, index, (table) => {
      const args = [this.pointer, table, pointerOf(this.engine, tensor, "gather"), this.columns];
      this.engine.run("gatherRows", index.length, args, tensor.size);
    });
    return tensor;
  }

  write(index: Int32Array, values: Tensor): void {
    this.assertRows(index);
    // Rows that are repeated must be written in order, which one thread does: it is the least work that is not shared.
    const work = isAscending(index) ? values.size : 0;
    withTable(this.engine, index, (table) => {
      const args = [pointerOf(this.engine, values, "write"), table, this.pointer, this.columns];
      this.engine.run("writeRows", index.length, args, work);
    });
  }

  async read(start: number, count: number): Promise<FloatArray> {
    const copy = new Float32Array(count * this.columns);
    copy.set(this.elements(start, count));
    return copy;
  }

  load(start: number, values: FloatArray): void {
    this.elements(start, wholeRows(values, this.columns)).set(values);
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.engine.release(this.pointer);
  }

  private elements(start: number, count: number): Float32Array {
    this.assertRange(start, start + count - 1);
    const from = this.pointer / 4 + start * this.columns;
    return this.engine.heap.floats.subarray(from, from + count * this.columns);
  }

  private assertRows(index: Int32Array): void {
    for (const row of index) this.assertRange(row, row);
  }

  private assertRange(first: number, last: number): void {
    if (this.disposed) throw new Error("row store: the table was already disposed.");
    if (first < 0 || last >= this.rows) {
      const row = first < 0 ? first : last;
      throw new Error(`row store: row ${row} is outside the table of ${this.rows} rows.`);
    }
  }
}

function isAscending(index: Int32Array): boolean {
  for (let i = 1; i < index.length; i++) if (index[i] <= index[i - 1]) return false;
  return true;
}
