/** What this project uses of GPU.js: its own declarations leave some of it out. Loaded on demand, since it is large. */
import type { Kernel } from "./kernel.js";

/** A flat array as an argument. */
interface InputConstructor {
  new (values: Float32Array, size: readonly number[]): object;
}

/** A compiled kernel. `kernel` is what ran last: GPU.js may have put another in its place. */
export interface CompiledKernel {
  (...args: unknown[]): unknown;
  setOutput(output: readonly number[]): void;
  readonly kernel: {
    readonly constructor: KernelClass;
    readonly fallbackReason?: string | null;
    moduleCacheLimit?: number;
    /** In mode webgpu: the result of the last call, which the kernel owns as well until the next. */
    outputBuffer?: (GPUBuffer & { _refs: number }) | null;
  };
}

/** The class of the kernels of a mode: `mode` is "gpu" for WebGL2 as for WebGL. */
interface KernelClass {
  readonly mode: string;
}

interface GpuJsInstance {
  /** For kernels of the mode asked for. */
  readonly Kernel: KernelClass;
  createKernel(source: string, settings: object): CompiledKernel;
  destroy(): Promise<void>;
}

export interface GpuJs {
  readonly GPU: { new (settings: { mode: string }): GpuJsInstance; readonly isWebGL2Supported: boolean };
  readonly Input: InputConstructor;
  readonly WebGPUContext: { acquire(): Promise<WebGpuContext> };
  readonly WebGPUBufferResult: { new (settings: object): { readonly buffer: GPUBuffer; delete(): void } };
}

export interface WebGpuContext {
  readonly adapter: GPUAdapter;
  readonly device: GPUDevice;
}

export async function loadGpuJs(): Promise<GpuJs> {
  const loaded = (await import("gpu.js")) as unknown as GpuJs & { readonly default?: GpuJs };
  return loaded.default ?? loaded;
}

/** Loops whose bound is an argument end here, silently: GPU.js' own limit is 1,000. */
const MOST_ITERATIONS = 2 ** 30;

/** Kernels of one mode, compiled when they are first needed: one for each number of axes of the result. */
export class KernelCache {
  private readonly gpu: GpuJsInstance;
  /** By the number of axes of the result. */
  private readonly compiled = new Map<Kernel, CompiledKernel[]>();

  /**
   * @param arrayType GPU.js' name for what arrays are in this mode
   * @param settings of a kernel, besides those it has in all modes
   */
  constructor(
    gpuJs: GpuJs,
    private readonly mode: string,
    private readonly arrayType: string,
    private readonly settings: (kernel: Kernel) => object = () => ({}),
  ) {
    this.gpu = new gpuJs.GPU({ mode });
  }

  /** The kernel, set to this grid. */
  get(kernel: Kernel, output: readonly number[]): CompiledKernel {
    const ofKernel = this.compiled.get(kernel) ?? [];
    let compiled = ofKernel[output.length];
    if (!compiled) {
      compiled = this.gpu.createKernel(kernel.source, {
        output,
        pipeline: true,
        immutable: true, // else a second call writes over the first one's result
        dynamicOutput: true,
        dynamicArguments: true,
        precision: "single",
        tactic: "precision", // else small results are computed in what WebGL calls low precision: 16 bits on a phone
        loopMaxIterations: MOST_ITERATIONS,
        functions: kernel.helpers,
        argumentTypes: [
          ...new Array<string>(kernel.arrays).fill(this.arrayType),
          ...new Array<string>(kernel.integers).fill("Integer"),
          ...new Array<string>(kernel.numbers).fill("Float"),
        ],
        ...this.settings(kernel),
      });
      ofKernel[output.length] = compiled;
      this.compiled.set(kernel, ofKernel);
    } else {
      compiled.setOutput(output);
    }
    return compiled;
  }

  /** @throws Error if GPU.js took another way than the one asked for, as it does with no more than a warning. */
  assertMode(kernel: Kernel, compiled: CompiledKernel): void {
    const { constructor, fallbackReason } = compiled.kernel;
    if (constructor === this.gpu.Kernel) return;
    throw new Error(
      `GPU.js ran ${kernel.name} in mode ${constructor.mode}, not ${this.mode}: ${fallbackReason ?? "no reason given"}`,
    );
  }

  async close(): Promise<void> {
    await this.gpu.destroy();
  }
}
