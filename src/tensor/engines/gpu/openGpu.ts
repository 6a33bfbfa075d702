/** Opens a GPU engine in one mode, or says what is missing and how to get it. */
import { provideWebGpu } from "./dawn.node.js";
import { GPU_MODES, type Device, type GpuMode } from "./device.js";
import { GpuEngine, type GpuEngineOptions } from "./gpuEngine.js";
import { loadGpuJs, type GpuJs } from "./gpuJs.js";
import { HostDevice } from "./hostDevice.js";
import { WebGl2Device } from "./webgl2Device.js";
import { WebGpuDevice, type WebGpuOptions } from "./webgpuDevice.js";

export interface GpuOptions extends GpuEngineOptions, WebGpuOptions {
  /** Default: the GPU, through WebGPU where it answers, else WebGL2. A software adapter is none and has to be asked for by its mode. */
  readonly mode?: GpuMode;
}

/** @throws Error if this machine lacks what the mode needs. */
export async function openGpu(options: GpuOptions = {}): Promise<GpuEngine> {
  return new GpuEngine(await openDevice(options.mode, options), options);
}

async function openDevice(mode: GpuMode | undefined, options: WebGpuOptions): Promise<Device> {
  checkProducts(mode, options);
  const gpuJs = await loadGpuJs();
  switch (mode) {
    case "webasm":
    case "cpu":
      return new HostDevice(gpuJs, mode);
    case "webgl2":
      return WebGl2Device.open(gpuJs);
    case "webgpu":
      await adapterOrReason();
      return WebGpuDevice.open(gpuJs, options);
    case undefined:
      return openRealGpu(gpuJs, options);
    default:
      throw new Error(`gpu engine: "${String(mode)}" is no mode; there are ${GPU_MODES.join(", ")}.`);
  }
}

/** @throws Error if products are asked for that the mode has not. */
function checkProducts(mode: GpuMode | undefined, { products = "gpu.js" }: WebGpuOptions): void {
  if (!["gpu.js", "wgsl"].includes(products)) {
    throw new Error(`gpu engine: products are computed by "gpu.js" or "wgsl"; given "${String(products)}".`);
  }
  if (products === "wgsl" && mode !== undefined && mode !== "webgpu") {
    throw new Error(`gpu engine: products in WGSL are for gpu:webgpu; gpu:${mode} computes them by GPU.js.`);
  }
}

/** Through WebGPU, else through WebGL2. @throws Error that says of each why it leads to no GPU. */
async function openRealGpu(gpuJs: GpuJs, options: WebGpuOptions): Promise<Device> {
  const reasons: string[] = [];
  for (const open of [openRealWebGpu, openRealWebGl2]) {
    try {
      return await open(gpuJs, options);
    } catch (error) {
      reasons.push((error as Error).message);
    }
  }
  throw new Error(`gpu engine: there is no GPU here. ${reasons.join(" ")}`);
}

async function openRealWebGpu(gpuJs: GpuJs, options: WebGpuOptions): Promise<Device> {
  await adapterOrReason();
  const device = await WebGpuDevice.open(gpuJs, options);
  if (!device.software) return device;
  await device.close();
  throw onlySoftware("webgpu", device.adapter);
}

async function openRealWebGl2(gpuJs: GpuJs): Promise<Device> {
  const device = await WebGl2Device.open(gpuJs);
  if (!device.software) return device;
  await device.close();
  throw onlySoftware("webgl2", device.adapter);
}

function onlySoftware(mode: GpuMode, adapter: string): Error {
  return new Error(
    `gpu:${mode} has only ${adapter}, which is many times slower than the wasm engine; ` +
      `ask for gpu:${mode} to use it all the same, or for wasm.`,
  );
}

/** The adapter that WebGPU gives. @throws Error with the reason why there is none. */
async function adapterOrReason(): Promise<GPUAdapter> {
  await provideWebGpu();
  const adapter = await navigator.gpu.requestAdapter();
  if (adapter) return adapter;
  throw new Error(
    "gpu:webgpu finds no adapter. In Node it needs libvulkan.so.1 (Debian: libvulkan1) and a Vulkan driver of a GPU, " +
      "or, for tests, a software one named by VK_DRIVER_FILES; in a browser, hardware acceleration. docs/gpu.md says how.",
  );
}
