/** A table of rows in arrays of the host, in chunks of whole rows, so that it may be larger than one typed array: the definition. */
import type { Engine, FloatArray } from "./engine.js";
import { roundToHalf } from "./float16.js";
import {
  assertRowsOf,
  rowFunction,
  wholeRows,
  type RowStorage,
  type RowStore,
  type RowStoreOptions,
} from "./rowStore.js";
import type { Tensor } from "./tensor.js";

/** Rows a chunk: about 256 MiB of float32, so that a table beyond 4 GiB needs no array of that size. */
const CHUNK_ELEMENTS = 2 ** 26;

/** Rows in arrays of the host; "float16" rounds and saves no memory here. `chunkElements`: the most elements of one array. */
export class HostRowStore implements RowStore {
  readonly storage: RowStorage;
  private chunks: FloatArray[] = [];
  private readonly rowsPerChunk: number;

  constructor(
    readonly engine: Engine,
    readonly rows: number,
    readonly columns: number,
    { initialize, storage = "float32" }: RowStoreOptions = {},
    private readonly chunkElements = CHUNK_ELEMENTS,
  ) {
    const Elements = engine.float === "float64" ? Float64Array : Float32Array;
    this.storage = storage;
    this.rowsPerChunk = Math.max(1, Math.floor(chunkElements / columns));
    for (let start = 0; start < rows; start += this.rowsPerChunk) {
      const count = Math.min(this.rowsPerChunk, rows - start);
      const chunk = new Elements(count * columns);
      if (initialize) {
        const fill = rowFunction(initialize, columns);
        for (let row = 0; row < count; row++) fill(start + row, chunk, row * columns);
        this.round(chunk);
      }
      this.chunks.push(chunk);
    }
  }

  get bytes(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  }

  gather(index: Int32Array): Tensor {
    const Elements = this.engine.float === "float64" ? Float64Array : Float32Array;
    const gathered = new Elements(index.length * this.columns);
    for (let i = 0; i < index.length; i++) gathered.set(this.row(index[i]), i * this.columns);
    return this.engine.tensor(gathered, [index.length, this.columns]);
  }

  write(index: Int32Array, values: Tensor): void {
    this.assertRows(index);
    assertRowsOf(values, index.length, this.columns);
    const data = values.dataSync();
    for (let i = 0; i < index.length; i++) {
      this.put(index[i], data.subarray(i * this.columns, (i + 1) * this.columns));
    }
  }

  async read(start: number, count: number): Promise<FloatArray> {
    const Elements = this.engine.float === "float64" ? Float64Array : Float32Array;
    const copy = new Elements(count * this.columns);
    for (let i = 0; i < count; i++) copy.set(this.row(start + i), i * this.columns);
    return copy;
  }

  load(start: number, values: FloatArray): void {
    const count = wholeRows(values, this.columns);
    if (count > 0) this.assertRows([start, start + count - 1]);
    for (let i = 0; i < count; i++) {
      this.put(start + i, values.subarray(i * this.columns, (i + 1) * this.columns));
    }
  }

  beside(storage = this.storage): HostRowStore {
    this.assertLive();
    return new HostRowStore(this.engine, this.rows, this.columns, { storage }, this.chunkElements);
  }

  dispose(): void {
    this.chunks = [];
  }

  private put(row: number, values: FloatArray): void {
    const target = this.row(row);
    target.set(values);
    this.round(target);
  }

  private round(values: FloatArray): void {
    if (this.storage === "float16") for (let i = 0; i < values.length; i++) values[i] = roundToHalf(values[i]);
  }

  /** For writing: a row that is refused is refused before the others have changed. */
  private assertRows(index: Iterable<number>): void {
    for (const row of index) this.assertRow(row);
  }

  private assertRow(row: number): void {
    if (row < 0 || row >= this.rows) {
      throw new Error(`row store: row ${row} is outside the table of ${this.rows} rows.`);
    }
    this.assertLive();
  }

  private assertLive(): void {
    if (this.chunks.length === 0 && this.rows > 0) throw new Error("row store: the table was already disposed.");
  }

  /** A view of one row. */
  private row(row: number): FloatArray {
    this.assertRow(row);
    const chunk = this.chunks[Math.floor(row / this.rowsPerChunk)];
    const start = (row % this.rowsPerChunk) * this.columns;
    return chunk.subarray(start, start + this.columns);
  }
}
