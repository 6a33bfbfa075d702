/** A way to run kernels: a GPU through WebGPU or WebGL2, or GPU.js' WebAssembly and plain JavaScript on the host. */
import type { Kernel } from "./kernel.js";
import type { ProductSize } from "./workgroupProduct.js";

export const GPU_MODES = ["webgpu", "webgl2", "webasm", "cpu"] as const;
export type GpuMode = (typeof GPU_MODES)[number];

/** Numbers on a device. Never changed once written, so any number of tensors may share them. */
export interface Cells {
  readonly size: number;
}

/** Cells along x, y and z; x runs fastest. */
export type Grid = readonly [x: number, y?: number, z?: number];

/** What the device itself says it holds. */
export interface DeviceMemory {
  readonly bytes: number;
  readonly peak: number;
  readonly buffers: number;
}

export interface Device {
  readonly mode: GpuMode;
  /** What computes, such as "NVIDIA H100" or "SwiftShader (software)"; undefined where it is the host's processor. */
  readonly adapter: string | undefined;
  /** Whether a kernel may return four neighbouring cells at once. */
  readonly fours: boolean;
  /** The most numbers of one array. */
  readonly largest: number;
  upload(values: Float32Array): Cells;
  /** @param scalars whole numbers, then other numbers, in the order of the kernel's arguments */
  run(kernel: Kernel, grid: Grid, arrays: readonly Cells[], scalars: readonly number[]): Promise<Cells> | Cells;
  /** Where products were asked for in WGSL: see workgroupProduct.ts. */
  readonly product?: (a: Cells, b: Cells, size: ProductSize) => Cells;
  download(cells: Cells): Promise<Float32Array>;
  /** Gives cells back; nobody may use them afterwards. */
  release(cells: Cells): void;
  memory(): DeviceMemory;
  /** Resolves when the device has done what it was given. */
  idle(): Promise<void>;
  close(): Promise<void>;
}
