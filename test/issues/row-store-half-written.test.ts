/**
 * A table in host memory wrote the rows before the first one outside of it and only then refused, and a table on the wasm heap
 * took half a row without a word. What is refused changes nothing now, wherever the table lies.
 */
import assert from "node:assert/strict";
import { it } from "node:test";
import { HeapRowStore } from "../../src/tensor/engines/wasm/heapRowStore.js";
import { WasmRowStore } from "../../src/tensor/engines/wasm/wasmRowStore.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { HostRowStore } from "../../src/tensor/rowStore.js";

it("a write or load that is refused leaves the table as it was", async () => {
  const engine = await openEngine("wasm", { threads: 1 });
  for (const Kind of [HostRowStore, WasmRowStore, HeapRowStore]) {
    const store = new Kind(engine, 2, 2);
    engine.scope(() => {
      assert.throws(() => store.write(Int32Array.of(0, 2), engine.full([2, 2], 1)), /row 2 is outside/, Kind.name);
    });
    assert.throws(() => store.load(1, Float32Array.of(1, 1, 1, 1)), /row 2 is outside/, Kind.name);
    assert.throws(() => store.load(0, Float32Array.of(1, 1, 1)), /whole rows of 2 numbers/, Kind.name);
    assert.deepEqual([...(await store.read(0, 2))], [0, 0, 0, 0], Kind.name);
    store.dispose();
  }
  await engine.close();
});
