/** The engines a law has to hold on: the definition in float64, and the two that compute in float32. */
import { after } from "node:test";
import type { Engine } from "../src/tensor/engine.js";
import { ReferenceEngine } from "../src/tensor/engines/reference/index.js";
import { openEngine } from "../src/tensor/openEngine.js";

export const exact = new ReferenceEngine("float64");
export const single: readonly Engine[] = [new ReferenceEngine("float32"), await openEngine("wasm", { threads: 1 })];
export const engines: readonly Engine[] = [exact, ...single];

after(async () => {
  for (const engine of engines) await engine.close();
});

/** Half a unit in the last place of 1: what one rounding costs at most, relative to its result. */
export function roundingOf(engine: Engine): number {
  return engine.float === "float64" ? 2 ** -53 : 2 ** -24;
}
