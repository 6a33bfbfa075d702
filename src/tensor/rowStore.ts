/**
 * A table of rows, larger than any tensor perhaps: class centers and their optimizer state. What every engine's table can do, and
 * the plain one in host memory, which the reference engine has (the wasm engine: engines/wasm/bankRowStore.ts).
 *
 * A training step gathers the sampled rows into a tensor, computes, and writes back those rows only; or it sweeps over them where
 * they are (cosineSweep.ts). In host memory a table is kept in chunks of whole rows, so that it may be larger than one typed array.
 */
import type { Engine, FloatArray } from "./engine.js";
import { roundToHalf } from "./float16.js";
import { hashNormal, type Key } from "./random.js";
import { formatShape } from "./shape.js";
import type { Tensor } from "./tensor.js";

/** Writes the initial values of one row into `target` at `offset`. Must be a function of the row number alone. */
export type RowFunction = (row: number, target: FloatArray, offset: number) => void;

/**
 * deviation · hashNormal(key, first + row, column) at every place: a description, so that an engine can compute it with all threads.
 * Engines agree on the radius and the angle to the last bits of a double; what is kept in float32 is the same but for one in a hundred
 * million elements, which is its neighbour.
 */
export interface NormalRows {
  readonly key: Key;
  readonly first: number;
  readonly deviation: number;
}

export type RowInitializer = RowFunction | NormalRows;

/** The definition of an initializer, row by row. */
export function rowFunction(initialize: RowInitializer, columns: number): RowFunction {
  if (typeof initialize === "function") return initialize;
  const { key, first, deviation } = initialize;
  return (row, target, offset) => {
    for (let column = 0; column < columns; column++) {
      target[offset + column] = deviation * hashNormal(key, first + row, column);
    }
  };
}

/**
 * How elements are kept. "float32": as the engine computes (float64 on an engine that does). "float16": rounded to IEEE 754 binary16
 * when they are written, which halves the memory on the wasm engine; arithmetic stays as it is.
 */
export type RowStorage = "float32" | "float16";

export interface RowStoreOptions {
  /** Default: zeros. */
  readonly initialize?: RowInitializer;
  /** Default: "float32". */
  readonly storage?: RowStorage;
  /** What will be laid beside it, counted where the memory is checked; default: one table of the same storage. */
  readonly besides?: readonly RowStorage[];
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
  /**
   * Another table of the same rows, of zeros, laid beside this one, so that one sweep can write both: optimizer state.
   * storage: default that of this table.
   */
  beside(storage?: RowStorage): RowStore;
  dispose(): void;
}

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
    if (this.chunks.length === 0) throw new Error("row store: the table was already disposed.");
  }

  /** A view of one row. */
  private row(row: number): FloatArray {
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
