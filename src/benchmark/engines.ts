/** The engines of a benchmark: one for each alternative, all open at once so that they can be measured in turn. */
import type { Engine } from "../tensor/engine.js";
import type { WebGpuOptions } from "../tensor/engines/gpu/webgpuDevice.js";
import type { MultiplyAdd } from "../tensor/engines/wasm/multiplyAdd.js";
import { WasmEngine } from "../tensor/engines/wasm/wasmEngine.js";
import type { EngineName } from "../tensor/engineNames.js";
import { openEngine } from "../tensor/openEngine.js";

/** What tells one engine from another. */
export interface EngineChoice {
  readonly engine: EngineName;
  /** Of the wasm engine; default: all cores. */
  readonly threads?: number;
  /** Of the wasm engine; default: fused where the platform has it. */
  readonly multiplyAdd?: MultiplyAdd;
  /** Of the engine gpu:webgpu: what computes matrix products; default: kernels of GPU.js. */
  readonly products?: WebGpuOptions["products"];
}

/** What stands behind a variant of a benchmark. The name is empty where there is one only. */
export interface Alternative extends EngineChoice {
  readonly variant: string;
}

export class Engines {
  private readonly opened = new Map<string, Engine>();

  /** The engine of that choice, opened when it is first asked for. */
  async open(choice: EngineChoice): Promise<Engine> {
    const key = engineKey(choice);
    const known = this.opened.get(key);
    if (known) return known;
    const { engine, ...options } = engineChoice(choice);
    const made = await openEngine(engine, options);
    this.opened.set(key, made);
    return made;
  }

  get all(): readonly Engine[] {
    return [...this.opened.values()];
  }

  /** Threads of the engine that has most. */
  get threads(): number {
    return Math.max(1, ...this.all.map((engine) => (engine instanceof WasmEngine ? engine.threads : 1)));
  }

  async close(): Promise<void> {
    for (const engine of this.opened.values()) await engine.close();
    this.opened.clear();
  }
}

/** The same for two choices exactly if they share an engine. */
export function engineKey(choice: EngineChoice): string {
  return JSON.stringify(engineChoice(choice));
}

/** Nothing but what tells engines apart. */
export function engineChoice({ engine, threads, multiplyAdd, products }: EngineChoice): EngineChoice {
  return { engine, threads, multiplyAdd, products };
}
