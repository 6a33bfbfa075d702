/** Engines by name. */
import type { Engine, FloatType } from "./engine.js";
import {
  ENGINE_NAMES,
  ENGINES_IN_WORDS,
  gpuModeOf,
  isGpu,
  type EngineName,
  type GpuEngineName,
} from "./engineNames.js";
import type { GpuEngine } from "./engines/gpu/gpuEngine.js";
import type { GpuOptions } from "./engines/gpu/openGpu.js";
import { ReferenceEngine } from "./engines/reference/index.js";
import { WasmEngine, type WasmOptions } from "./engines/wasm/wasmEngine.js";

export interface ReferenceOptions {
  /** Default "float32"; "float64" is for checking gradients. */
  readonly float?: FloatType;
}

/** The mode is part of the name. */
export type GpuEngineOptions = Omit<GpuOptions, "mode">;

/** What each engine knows of; an option of another one is passed over. */
export type EngineOptions = WasmOptions & ReferenceOptions & GpuEngineOptions;

/**
 * Opens an engine; `close()` it when done. "wasm": the fast CPU engine. "reference": plain loops, the definition that others are compared with.
 * "gpu": GPU.js kernels on the GPU; "gpu:webgpu", "gpu:webgl2", "gpu:webasm", "gpu:cpu": the same kernels in that mode of GPU.js, the last two without a GPU.
 *
 * Throws where the name is unknown or the platform lacks what the engine needs; no other engine is taken instead.
 */
export function openEngine(name: "wasm", options?: WasmOptions): Promise<WasmEngine>;
export function openEngine(name: "reference", options?: ReferenceOptions): Promise<ReferenceEngine>;
export function openEngine(name: GpuEngineName, options?: GpuEngineOptions): Promise<GpuEngine>;
export function openEngine(name: EngineName, options?: EngineOptions): Promise<Engine>;
export async function openEngine(name: EngineName, options: EngineOptions = {}): Promise<Engine> {
  if (!ENGINE_NAMES.includes(name)) {
    throw new Error(`openEngine: "${String(name)}" is not an engine; there are ${ENGINES_IN_WORDS}.`);
  }
  if (isGpu(name)) {
    const { openGpu } = await import("./engines/gpu/openGpu.js"); // only here, for GPU.js is large
    return openGpu({ ...options, mode: gpuModeOf(name) });
  }
  if (name === "wasm") return WasmEngine.open(options);
  return new ReferenceEngine(checkedFloat(options.float ?? "float32"));
}

function checkedFloat(float: FloatType): FloatType {
  if (float === "float32" || float === "float64") return float;
  throw new Error(`openEngine: reference computes in float32 or float64; given "${String(float)}".`);
}
