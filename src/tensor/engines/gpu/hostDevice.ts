/** GPU.js without a GPU: the same kernels compiled to WebAssembly, or run as plain JavaScript. Numbers lie in arrays of the host. */
import type { Cells, Device, DeviceMemory, Grid } from "./device.js";
import { KernelCache, type GpuJs } from "./gpuJs.js";
import type { Kernel } from "./kernel.js";

/** What a kernel of one, two or three axes returns: rows of rows of numbers. */
type Nested = Float32Array | readonly Nested[];

/** Compiled modules of one kernel that are kept, of one size of arguments each: GPU.js keeps 8, and a network has more layers than that. */
const MODULES_KEPT = 64;

class HostCells implements Cells {
  constructor(readonly values: Float32Array) {}

  get size(): number {
    return this.values.length;
  }
}

export class HostDevice implements Device {
  readonly adapter = undefined;
  readonly fours = true;
  /** 1 GiB: arguments and result of a kernel share one memory of WebAssembly, 4 GiB at most. */
  readonly largest = 2 ** 28;
  private readonly kernels: KernelCache;
  private bytes = 0;
  private peak = 0;
  private buffers = 0;

  constructor(
    private readonly gpuJs: GpuJs,
    readonly mode: "webasm" | "cpu",
  ) {
    this.kernels = new KernelCache(gpuJs, mode, "Input");
  }

  upload(values: Float32Array): Cells {
    return this.hold(values);
  }

  run(kernel: Kernel, [x, y, z]: Grid, arrays: readonly Cells[], scalars: readonly number[]): Cells {
    const output = [x, y, z].filter((extent) => extent !== undefined);
    const compiled = this.kernels.get(kernel, output);
    const inputs = arrays.map((cells) => {
      const { values } = cells as HostCells;
      return new this.gpuJs.Input(values.length === 0 ? new Float32Array(1) : values, [
        Math.max(1, values.length),
        1,
        1,
      ]);
    });
    const result = compiled(...inputs, ...scalars) as Nested;
    this.kernels.assertMode(kernel, compiled);
    compiled.kernel.moduleCacheLimit = MODULES_KEPT;
    return this.hold(flatten(result));
  }

  async download(cells: Cells): Promise<Float32Array> {
    return (cells as HostCells).values.slice();
  }

  release({ size }: Cells): void {
    this.bytes -= size * 4;
    this.buffers--;
  }

  memory(): DeviceMemory {
    return { bytes: this.bytes, peak: this.peak, buffers: this.buffers };
  }

  async idle(): Promise<void> {}

  async close(): Promise<void> {
    await this.kernels.close();
  }

  private hold(values: Float32Array): Cells {
    this.bytes += values.byteLength;
    this.peak = Math.max(this.peak, this.bytes);
    this.buffers++;
    return new HostCells(values);
  }
}

/** Row after row. In mode webasm all rows are views of one array already. */
function flatten(nested: Nested): Float32Array {
  if (nested instanceof Float32Array) return nested;
  const rows: Float32Array[] = [];
  collectRows(nested, rows);
  const size = rows.reduce((sum, row) => sum + row.length, 0);
  const [{ buffer, byteOffset }] = rows;
  if (rows.every((row) => row.buffer === buffer)) return new Float32Array(buffer, byteOffset, size);
  const values = new Float32Array(size);
  let start = 0;
  for (const row of rows) {
    values.set(row, start);
    start += row.length;
  }
  return values;
}

function collectRows(nested: Nested, rows: Float32Array[]): void {
  if (nested instanceof Float32Array) rows.push(nested);
  else for (const part of nested) collectRows(part, rows);
}
