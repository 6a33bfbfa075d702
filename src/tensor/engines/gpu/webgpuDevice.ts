/**
 * GPU.js on WebGPU: compute shaders over storage buffers. Buffers are made and read here, on GPU.js' own device, so that data goes up
 * without running a kernel and comes down without being arranged in rows.
 */
import { describeAdapter, isSoftware } from "./adapter.js";
import { BufferAccount } from "./bufferAccount.js";
import type { Cells, Device, DeviceMemory, Grid } from "./device.js";
import { launchWithin } from "./flattened.js";
import { KernelCache, type GpuJs, type WebGpuContext } from "./gpuJs.js";
import { Health } from "./health.js";
import type { Kernel } from "./kernel.js";
import { WorkgroupProduct } from "./workgroupProduct.js";

type Handle = InstanceType<GpuJs["WebGPUBufferResult"]>;

class WebGpuCells implements Cells {
  constructor(
    readonly handle: Handle,
    readonly size: number,
  ) {}
}

export interface WebGpuOptions {
  /** The most workgroups along an axis; default: what the device says. A smaller one is for tests. */
  readonly mostWorkgroups?: number;
  /** What computes matrix products: kernels of GPU.js (default), or WGSL with workgroup memory. */
  readonly products?: "gpu.js" | "wgsl";
}

/** Of GPU.js: cells of a workgroup along x and y of grids with two or three axes. */
const WORKGROUP = 8;

/** Kernels that may be started before the device is waited for: it keeps their arguments and results until they have run. */
const FURTHEST_AHEAD = 10_000;

export class WebGpuDevice implements Device {
  readonly mode = "webgpu";
  readonly fours = true;
  readonly adapter: string;
  readonly software: boolean;
  readonly largest: number;
  readonly product: Device["product"];
  private readonly kernels: KernelCache;
  private readonly device: GPUDevice;
  private readonly mostWorkgroups: number;
  private readonly account: BufferAccount;
  private readonly health: Health;
  private readonly onError = ({ error }: GPUUncapturedErrorEvent): void =>
    this.health.note(`says: ${error.message.split("\n")[0]}`);
  /** Kernels that were started since the device was last waited for. */
  private ahead = 0;

  private constructor(
    private readonly gpuJs: GpuJs,
    private readonly context: WebGpuContext,
    { mostWorkgroups, products = "gpu.js" }: WebGpuOptions,
  ) {
    const { adapter, device } = context;
    this.device = device;
    this.account = BufferAccount.of(device);
    this.kernels = new KernelCache(gpuJs, "webgpu", "Input");
    this.adapter = describeAdapter(adapter.info);
    this.software = isSoftware(adapter.info);
    this.largest = Math.floor(Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize) / 4);
    this.mostWorkgroups = mostWorkgroups ?? device.limits.maxComputeWorkgroupsPerDimension;
    if (products === "wgsl") {
      const compiled = new WorkgroupProduct(device);
      this.product = (a, b, size) => {
        const [left, right] = [a, b].map((cells) => (cells as WebGpuCells).handle.buffer);
        return this.wrap(compiled.run(left, right, size), size.batch * size.rows * size.columns);
      };
    }
    this.health = new Health(this.adapter);
    device.onuncapturederror = null; // GPU.js' own listener writes to the console
    device.addEventListener("uncapturederror", this.onError);
    void device.lost.then(({ message }) => this.health.note(`is lost: ${message}`));
  }

  /** On the device that GPU.js has for all its kernels. @throws Error where WebGPU gives none. */
  static async open(gpuJs: GpuJs, options: WebGpuOptions): Promise<WebGpuDevice> {
    return new WebGpuDevice(gpuJs, await gpuJs.WebGPUContext.acquire(), options);
  }

  upload(values: Float32Array): Cells {
    const buffer = this.device.createBuffer({
      size: Math.max(4, values.byteLength),
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
    this.device.queue.writeBuffer(buffer, 0, values as Float32Array<ArrayBuffer>);
    return this.wrap(buffer, values.length);
  }

  async run(kernel: Kernel, grid: Grid, arrays: readonly Cells[], scalars: readonly number[]): Promise<Cells> {
    const { program, output, scalars: values } = launchWithin((axes) => this.fits(axes), kernel, grid, scalars);
    this.health.assertSound();
    if (++this.ahead > FURTHEST_AHEAD) await this.idle(); // for callers that wait for anything but results
    const compiled = this.kernels.get(program, output);
    const handle = (await compiled(...arrays.map((cells) => (cells as WebGpuCells).handle), ...values)) as Handle;
    this.kernels.assertMode(program, compiled);
    const size = output.reduce((product, extent) => product * extent, kernel.fours ? 4 : 1);
    const flat = this.wrap(handle.buffer, size); // so that four numbers of a vector are four cells for the next kernel
    handle.delete();
    const { kernel: held } = compiled;
    if (held.outputBuffer) {
      held.outputBuffer._refs--; // else each kernel would keep its last result for as long as nobody calls it
      held.outputBuffer = null;
    }
    return flat;
  }

  async download(cells: Cells): Promise<Float32Array> {
    if (cells.size === 0) return new Float32Array(0);
    const bytes = cells.size * 4;
    const staging = this.device.createBuffer({ size: bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    try {
      const encoder = this.device.createCommandEncoder();
      encoder.copyBufferToBuffer((cells as WebGpuCells).handle.buffer, 0, staging, 0, bytes);
      this.device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ);
      const values = new Float32Array(staging.getMappedRange().slice(0));
      staging.unmap();
      this.ahead = 0;
      this.health.assertSound();
      return values;
    } finally {
      staging.destroy();
    }
  }

  release(cells: Cells): void {
    (cells as WebGpuCells).handle.delete();
  }

  memory(): DeviceMemory {
    return this.account.report();
  }

  async idle(): Promise<void> {
    await this.device.queue.onSubmittedWorkDone();
    this.ahead = 0;
    this.health.assertSound();
  }

  async close(): Promise<void> {
    try {
      await this.device.queue.onSubmittedWorkDone();
    } finally {
      this.device.removeEventListener("uncapturederror", this.onError);
      await this.kernels.close();
    }
  }

  /** One more owner of a buffer. */
  private wrap(buffer: GPUBuffer, size: number): WebGpuCells {
    const { gpuJs, context } = this;
    return new WebGpuCells(new gpuJs.WebGPUBufferResult({ buffer, output: [size], context }), size);
  }

  /** Whether the device can start so many workgroups along every axis. */
  private fits([x, y = 1, z = 1]: readonly number[]): boolean {
    return Math.max(Math.ceil(x / WORKGROUP), Math.ceil(y / WORKGROUP), z) <= this.mostWorkgroups;
  }
}
