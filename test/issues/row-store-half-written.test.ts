/**
 * A table in host memory wrote the rows before the first one outside of it and only then refused, and a table on the wasm heap
 * took half a row without a word. What is refused changes nothing now, wherever the table lies.
 */
import assert from "node:assert/strict";
import { it } from "node:test";
import { openEngine } from "../../src/tensor/openEngine.js";
import { HostRowStore } from "../../src/tensor/hostRowStore.js";

it("a write or load that is refused leaves the table as it was", async () => {
  const engine = await openEngine("wasm", { threads: 1, bankBytes: 65_536 });
  for (const [where, rows, store] of [
    ["host memory", 2, new HostRowStore(engine, 2, 2)],
    ["the heap", 2, engine.rowStore(2, 2)],
    ["several banks", 5000, engine.rowStore(5000, 2)],
  ] as const) {
    const outside = new RegExp(`row ${rows} is outside`);
    engine.scope(() => {
      assert.throws(() => store.write(Int32Array.of(0, rows), engine.full([2, 2], 1)), outside, where);
      assert.throws(
        () => store.write(Int32Array.of(0, 1), engine.full([1, 2], 1)),
        /2 rows of 2.* given a tensor of \[1, 2\]/,
        where,
      );
    });
    assert.throws(() => store.load(rows - 1, Float32Array.of(1, 1, 1, 1)), outside, where);
    assert.throws(() => store.load(0, Float32Array.of(1, 1, 1)), /whole rows of 2 numbers/, where);
    assert.ok(
      (await store.read(0, rows)).every((value) => value === 0),
      where,
    );
    store.dispose();
  }
  await engine.close();
});
