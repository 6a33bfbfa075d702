/**
 * A table of rows in host memory: class centers and their optimizer state on CPU engines.
 *
 * The table may be far larger than a wasm heap and than one typed array, so it is kept in chunks of whole rows. A training step
 * gathers the sampled rows into a tensor, computes, and writes back those rows only.
 */
import type { Engine, FloatArray } from "./engine.js";
import { formatShape } from "./shape.js";
import type { Tensor } from "./tensor.js";

/** Writes the initial values of one row into `target` at `offset`. Must be a function of the row number alone. */
export type RowInitializer = (row: number, target: FloatArray, offset: number) => void;

/** How elements are kept. "float32": as the engine computes (float64 on an engine that does). */
export type RowStorage = "float32" | "float16";

export interface RowStoreOptions {
  /** Default: zeros. */
  readonly initialize?: RowInitializer;
}

export interface RowStore {
  readonly engine: Engine;
  readonly rows: number;
  readonly columns: number;
  readonly storage: RowStorage;
  /** Bytes held for the table. */
  readonly bytes: number;
  /** Those rows, in that order: [index.length, columns]. */
  gather(index: Int32Array): Tensor;
  /** Writes the rows of `values`: [index.length, columns]. Repeated rows: the last one stays. */
  write(index: Int32Array, values: Tensor): void;
  /** A copy of `count` rows from `start`: for checkpoints, statistics and tests. */
  read(start: number, count: number): Promise<FloatArray>;
  /** Overwrites rows from `start`. */
  load(start: number, values: FloatArray): void;
  /** Another table of the same rows, of zeros, laid beside this one, so that one sweep can write both: optimizer state. */
  beside(): RowStore;
  dispose(): void;
}

/** Rows a chunk: about 256 MiB of float32, so that a table beyond 4 GiB needs no array of that size. */
const CHUNK_ELEMENTS = 2 ** 26;

/** Rows in arrays of the host. `chunkElements`: the most elements of one array. */
export class HostRowStore implements RowStore {
  readonly storage = "float32";
  private chunks: FloatArray[] = [];
  private readonly rowsPerChunk: number;

  constructor(
    readonly engine: Engine,
    readonly rows: number,
    readonly columns: number,
    { initialize }: RowStoreOptions = {},
    private readonly chunkElements = CHUNK_ELEMENTS,
  ) {
    const Elements = engine.float === "float64" ? Float64Array : Float32Array;
    this.rowsPerChunk = Math.max(1, Math.floor(chunkElements / columns));
    for (let start = 0; start < rows; start += this.rowsPerChunk) {
      const count = Math.min(this.rowsPerChunk, rows - start);
      const chunk = new Elements(count * columns);
      if (initialize) for (let row = 0; row < count; row++) initialize(start + row, chunk, row * columns);
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
      this.row(index[i]).set(data.subarray(i * this.columns, (i + 1) * this.columns));
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
      this.row(start + i).set(values.subarray(i * this.columns, (i + 1) * this.columns));
    }
  }

  beside(): HostRowStore {
    return new HostRowStore(this.engine, this.rows, this.columns, {}, this.chunkElements);
  }

  dispose(): void {
    this.chunks = [];
  }

  /** For writing: a row that is refused is refused before the others have changed. */
  protected assertRows(index: Iterable<number>): void {
    for (const row of index) this.assertRow(row);
  }

  private assertRow(row: number): void {
    if (row < 0 || row >= this.rows) {
      throw new Error(`row store: row ${row} is outside the table of ${this.rows} rows.`);
    }
    if (this.chunks.length === 0) throw new Error("row store: the table was already disposed.");
  }

  /** A view of one row. */
  protected row(row: number): FloatArray {
    this.assertRow(row);
    const chunk = this.chunks[Math.floor(row / this.rowsPerChunk)];
    const start = (row % this.rowsPerChunk) * this.columns;
    return chunk.subarray(start, start + this.columns);
  }
}

/** How many rows these numbers are. @throws Error if the last one is not whole. */
export function wholeRows({ length }: FloatArray, columns: number): number {
  if (length % columns === 0) return length / columns;
  throw new Error(`row store: whole rows of ${columns} numbers are loaded; given ${length} numbers.`);
}

/** @throws Error unless the tensor has the elements of so many rows. */
export function assertRowsOf(values: Tensor, rows: number, columns: number): void {
  if (values.size === rows * columns) return;
  throw new Error(`row store: ${rows} rows of ${columns} are written; given a tensor of ${formatShape(values.shape)}.`);
}
