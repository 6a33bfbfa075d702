/**
 * A table of rows on the host, for one that the device has no room for: sampled rows are sent up when they are gathered, and come back when
 * they are written. Both are tasks of the queue, in order with everything else, so that nobody waits for them.
 *
 * A write that fails leaves the rows unknown. What is gathered and read afterwards fails as well, until all rows are loaded anew.
 */
import type { FloatArray } from "../../engine.js";
import { HostRows } from "../../hostRows.js";
import {
  assertRows,
  assertRowsOf,
  notDisposed,
  rowFunction,
  rowRange,
  wholeRows,
  type RowInitializer,
  type RowStorage,
  type RowStore,
} from "../../rowStore.js";
import type { Tensor } from "../../tensor.js";
import type { Failing } from "./deferred.js";
import { checkStorage, type TableEngine } from "./tables.js";

export class StreamedRowStore implements RowStore {
  readonly storage = "float32";
  private table: HostRows | undefined;
  /** Of writing. */
  private readonly state: Failing = { failure: undefined };

  constructor(
    readonly engine: TableEngine,
    readonly rows: number,
    readonly columns: number,
    initialize?: RowInitializer,
  ) {
    const fill = initialize && rowFunction(initialize, columns);
    this.table = new HostRows(rows, columns, Float32Array, { initialize: fill });
  }

  get bytes(): number {
    return this.table?.bytes ?? 0;
  }

  gather(index: Int32Array): Tensor {
    const { deferred } = this.engine;
    const copy = this.copyLater(index);
    return deferred.tensor("gather", [index.length, this.columns], [], () => deferred.upload(copy()));
  }

  write(index: Int32Array, values: Tensor): void {
    const { deferred } = this.engine;
    const [table, rows] = this.checked(index);
    assertRowsOf(values, index.length, this.columns);
    if (index.length === 0) return;
    deferred.task("write", [values], this.state, async ([cells]) => table.put(rows, await deferred.stream(cells)));
  }

  async read(start: number, count: number): Promise<FloatArray> {
    return this.engine.deferred.find("read", [], this.copyLater(rowRange(start, count, this.rows)));
  }

  load(start: number, values: FloatArray): void {
    const [table, rows] = this.checked(rowRange(start, wholeRows(values, this.columns), this.rows));
    const copy = values.slice();
    this.engine.deferred.task("load", [], this.state, () => table.put(rows, copy), { anew: rows.length === this.rows });
  }

  beside(storage: RowStorage = "float32"): StreamedRowStore {
    notDisposed(this.table);
    checkStorage(this.engine, storage);
    return new StreamedRowStore(this.engine, this.rows, this.columns);
  }

  /** What was called before keeps hold of the rows until it has run. */
  dispose(): void {
    this.table = undefined;
  }

  /** A task of the queue: those rows as they are when its turn comes. */
  private copyLater(index: Int32Array): () => Float32Array {
    const [table, rows] = this.checked(index);
    return () => {
      if (this.state.failure) throw this.state.failure;
      return table.copy(rows, new Float32Array(rows.length * this.columns));
    };
  }

  /** The rows of the table, and those numbers as they are now: the caller's array may change before the queue comes to it. */
  private checked(index: Int32Array): readonly [HostRows, Int32Array] {
    assertRows(index, this.rows);
    return [notDisposed(this.table), index.slice()];
  }
}
