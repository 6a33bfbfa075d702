/** The limits of the machine as works, to be measured in the same rounds as all others. Only the wasm engine has them. */
import type { Engine } from "../tensor/engine.js";
import { LIMIT_BYTES, limitCalls } from "../tensor/engines/wasm/limits.js";
import { WasmEngine } from "../tensor/engines/wasm/wasmEngine.js";
import type { MachineLimits } from "./bound.js";
import type { Work } from "./work.js";

export { LIMIT_BYTES };

export const MULTIPLY_ADD = "limit: multiply-add in registers";
export const COPY = "limit: copy";
export const TRIAD = "limit: triad";
export const DISPATCH = "dispatch: all threads at work, and back";

/** None on engines other than wasm, and no dispatch on one thread. `dispose` gives their arrays back. */
export function limitWorks(engine: Engine, variant: string): { readonly works: Work[]; dispose(): void } {
  if (!(engine instanceof WasmEngine)) return { works: [], dispose: () => undefined };
  const calls = limitCalls(engine);
  const { multiplyAdd, copy, triad, dispatch } = calls;
  const common = { variant, engine: engine.name };
  const works: Work[] = [
    { ...common, name: MULTIPLY_ADD, ...multiplyAdd },
    { ...common, name: COPY, ...copy },
    { ...common, name: TRIAD, ...triad },
    ...(dispatch ? [{ ...common, name: DISPATCH, ...dispatch }] : []),
  ];
  return { works, dispose: () => calls.dispose() };
}

/** Whether a work is one of those that set the bound, and has none itself. */
export function isLimit({ name }: { readonly name: string }): boolean {
  return [MULTIPLY_ADD, COPY, TRIAD].includes(name);
}

/** Limits of one variant from median seconds of its works; undefined where they were not measured. */
export function limitsFrom(
  measured: readonly { readonly work: Work; readonly seconds: number }[],
): MachineLimits | undefined {
  const rate = (name: string, of: "operations" | "bytes"): number => {
    const found = measured.find(({ work }) => work.name === name);
    return found ? (found.work[of] ?? 0) / found.seconds : 0;
  };
  const operationsPerSecond = rate(MULTIPLY_ADD, "operations");
  const bytesPerSecond = Math.max(rate(COPY, "bytes"), rate(TRIAD, "bytes"));
  return operationsPerSecond > 0 && bytesPerSecond > 0 ? { operationsPerSecond, bytesPerSecond } : undefined;
}
