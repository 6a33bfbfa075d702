/** What engines are called where they are asked for: in `openEngine`, in settings, on the command line. */
import type { GpuMode } from "./engines/gpu/device.js";

/** "gpu": the GPU, whatever reaches it. With a mode: that way of GPU.js to run kernels, of which webasm and cpu need no GPU. */
export type GpuEngineName = "gpu" | `gpu:${GpuMode}`;

export type EngineName = "wasm" | "reference" | GpuEngineName;

export const ENGINE_NAMES = [
  "wasm",
  "reference",
  "gpu",
  "gpu:webgpu",
  "gpu:webgl2",
  "gpu:webasm",
  "gpu:cpu",
] as const satisfies readonly EngineName[];

/** For help texts and errors. */
export const ENGINES_IN_WORDS = ENGINE_NAMES.join(", ");

export function isGpu(name: EngineName): name is GpuEngineName {
  return name === "gpu" || name.startsWith("gpu:");
}

/** undefined: whichever reaches a GPU. */
export function gpuModeOf(name: GpuEngineName): GpuMode | undefined {
  return name === "gpu" ? undefined : (name.slice("gpu:".length) as GpuMode);
}
