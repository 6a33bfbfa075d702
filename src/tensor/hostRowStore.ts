/** A table of rows in arrays of the host: the definition. */
import type { Engine, FloatArray } from "./engine.js";
import { roundToHalf } from "./float16.js";
import { HostRows } from "./hostRows.js";
import {
  assertRows,
  assertRowsOf,
  notDisposed,
  rowFunction,
  rowRange,
  wholeRows,
  type RowFunction,
  type RowStorage,
  type RowStore,
  type RowStoreOptions,
} from "./rowStore.js";
import type { Tensor } from "./tensor.js";

/** Rows in arrays of the host; "float16" rounds and saves no memory here. `chunkElements`: the most elements of one array. */
export class HostRowStore implements RowStore {
  readonly storage: RowStorage;
  private readonly Elements: Float32ArrayConstructor | Float64ArrayConstructor;
  private table: HostRows | undefined;

  constructor(
    readonly engine: Engine,
    readonly rows: number,
    readonly columns: number,
    { initialize, storage = "float32" }: RowStoreOptions = {},
    private readonly chunkElements?: number,
  ) {
    this.Elements = engine.float === "float64" ? Float64Array : Float32Array;
    this.storage = storage;
    const fill = initialize && rowFunction(initialize, columns);
    this.table = new HostRows(rows, columns, this.Elements, { initialize: fill && this.rounding(fill), chunkElements });
  }

  get bytes(): number {
    return this.table?.bytes ?? 0;
  }

  gather(index: Int32Array): Tensor {
    return this.engine.tensor(this.copy(index), [index.length, this.columns]);
  }

  write(index: Int32Array, values: Tensor): void {
    const table = this.tableOf(index); // a row that is refused is refused before the others have changed
    assertRowsOf(values, index.length, this.columns);
    table.put(index, this.round(values.dataSync()));
  }

  async read(start: number, count: number): Promise<FloatArray> {
    return this.copy(rowRange(start, count, this.rows));
  }

  load(start: number, values: FloatArray): void {
    const index = rowRange(start, wholeRows(values, this.columns), this.rows);
    this.tableOf(index).put(index, this.storage === "float16" ? this.round(values.slice()) : values);
  }

  beside(storage = this.storage): HostRowStore {
    notDisposed(this.table);
    return new HostRowStore(this.engine, this.rows, this.columns, { storage }, this.chunkElements);
  }

  dispose(): void {
    this.table = undefined;
  }

  private copy(index: Int32Array): FloatArray {
    return this.tableOf(index).copy<FloatArray>(index, new this.Elements(index.length * this.columns));
  }

  private tableOf(index: Int32Array): HostRows {
    assertRows(index, this.rows);
    return notDisposed(this.table);
  }

  private rounding(fill: RowFunction): RowFunction {
    return (row, target, offset) => {
      fill(row, target, offset);
      this.round(target.subarray(offset, offset + this.columns));
    };
  }

  private round(values: FloatArray): FloatArray {
    if (this.storage === "float16") for (let i = 0; i < values.length; i++) values[i] = roundToHalf(values[i]);
    return values;
  }
}
