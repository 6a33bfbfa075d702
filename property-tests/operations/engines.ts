/** The engines that a file of properties runs on: opened before its tests, closed after them, and empty by then. */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { Engine } from "../../src/tensor/engine.js";
import { openEngine } from "../../src/tensor/openEngine.js";

/** The float32 engines: wasm on one thread and on two, and the loops of reference. */
export function float32Engines(): readonly Engine[] {
  const engines: Engine[] = [];
  before(async () => {
    engines.push(
      await openEngine("wasm", { threads: 1 }),
      await openEngine("wasm", { threads: 2 }),
      await openEngine("reference", { float: "float32" }),
    );
  });
  after(async () => {
    for (const engine of engines) {
      assert.equal(engine.memory().tensors, 0, `${engine.name} is left with tensors`);
      await engine.close();
    }
  });
  return engines;
}
