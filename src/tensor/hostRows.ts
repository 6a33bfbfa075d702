/** Rows of numbers in arrays of the host, in chunks of whole rows, so that they may be more than one typed array holds. No engine, no checks. */
import type { FloatArray } from "./engine.js";
import type { RowFunction } from "./rowStore.js";

/** Elements of a chunk: 256 MiB of float32, so that a table beyond 4 GiB needs no array of that size. */
const CHUNK_ELEMENTS = 2 ** 26;

export interface HostRowsOptions {
  /** Default: zeros. */
  readonly initialize?: RowFunction;
  /** The most elements of one array. */
  readonly chunkElements?: number;
}

export class HostRows {
  private readonly chunks: FloatArray[] = [];
  private readonly rowsPerChunk: number;

  /** @param Elements the type of the arrays */
  constructor(
    rows: number,
    private readonly columns: number,
    Elements: Float32ArrayConstructor | Float64ArrayConstructor,
    { initialize, chunkElements = CHUNK_ELEMENTS }: HostRowsOptions = {},
  ) {
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

  /** One row, where it lies: what is written there is written to the table. */
  row(row: number): FloatArray {
    const chunk = this.chunks[Math.floor(row / this.rowsPerChunk)];
    const start = (row % this.rowsPerChunk) * this.columns;
    return chunk.subarray(start, start + this.columns);
  }

  /** Copies those rows out, one after another. */
  copy<Target extends FloatArray>(index: Int32Array, target: Target): Target {
    for (let i = 0; i < index.length; i++) target.set(this.row(index[i]), i * this.columns);
    return target;
  }

  /** Overwrites those rows with rows of `values`. Repeated rows: the last one stays. */
  put(index: Int32Array, values: FloatArray): void {
    for (let i = 0; i < index.length; i++) {
      this.row(index[i]).set(values.subarray(i * this.columns, (i + 1) * this.columns));
    }
  }
}
