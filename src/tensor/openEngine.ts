/** Engines by name. */
import type { Engine, FloatType } from "./engine.js";
import { ReferenceEngine } from "./engines/reference/index.js";
import { WasmEngine, type WasmOptions } from "./engines/wasm/wasmEngine.js";

export interface ReferenceOptions {
  /** Default "float32"; "float64" is for checking gradients. */
  readonly float?: FloatType;
}

export type EngineName = "wasm" | "reference";

export const ENGINE_NAMES: readonly EngineName[] = ["wasm", "reference"];

/**
 * Opens an engine; `close()` it when done. "wasm": the fast CPU engine. "reference": plain loops, the definition that others are compared with.
 *
 * Throws where the name is unknown or the platform lacks what the engine needs; no other engine is taken instead.
 */
export function openEngine(name: "wasm", options?: WasmOptions): Promise<WasmEngine>;
export function openEngine(name: "reference", options?: ReferenceOptions): Promise<ReferenceEngine>;
export function openEngine(name: EngineName, options?: WasmOptions & ReferenceOptions): Promise<Engine>;
export async function openEngine(name: EngineName, options: WasmOptions & ReferenceOptions = {}): Promise<Engine> {
  switch (name) {
    case "wasm":
      return WasmEngine.open(options);
    case "reference":
      return new ReferenceEngine(checkedFloat(options.float ?? "float32"));
    default:
      throw new Error(`openEngine: "${String(name)}" is not an engine; there are ${ENGINE_NAMES.join(" and ")}.`);
  }
}

function checkedFloat(float: FloatType): FloatType {
  if (float === "float32" || float === "float64") return float;
  throw new Error(`openEngine: reference computes in float32 or float64; given "${String(float)}".`);
}
