import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PartialFC, cosFace } from "../../src/pfc/index.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { availableMemory } from "../../src/tensor/machine.node.js";
import { checkRowStore } from "../../src/tensor/rowStoreMemory.js";

describe("the memory of a table of rows", () => {
  const size = { rows: 10_000_000, columns: 128, elementBytes: [4, 4] };

  it("is counted with the state beside it, to the byte", () => {
    checkRowStore(size, 10_240_000_000);
    assert.throws(
      () => checkRowStore(size, 10_239_999_999),
      /10000000 rows of 128 numbers, 4 \+ 4 bytes each.* need 10240000000 bytes, and 10239999999 bytes of memory are there/,
    );
    checkRowStore({ ...size, elementBytes: [2] }, 2_560_000_000);
    checkRowStore(size, Infinity); // a browser does not say
  });

  it("is refused where rows are not counted in 31 bits or numbers not in 53", () => {
    checkRowStore({ rows: 2 ** 31 - 1, columns: 1, elementBytes: [4] }, 2 ** 33);
    for (const rows of [2 ** 31, -1, 0.5, NaN, Infinity]) {
      assert.throws(() => checkRowStore({ ...size, rows }, Infinity), /rows from 0 to 2147483647.*; given /);
    }
    for (const columns of [0, 1.5, NaN]) {
      assert.throws(() => checkRowStore({ ...size, columns }, Infinity), /whole number of columns from 1; given /);
    }
    assert.throws(
      () => checkRowStore({ rows: 2 ** 31 - 1, columns: 2 ** 22, elementBytes: [4] }, Infinity),
      /which no machine has/,
    );
  });

  it("is known on this machine: more than nothing, and less than a million gigabytes", () => {
    const bytes = availableMemory()!;
    assert.ok(bytes > 0 && bytes < 2 ** 50, `${bytes}`);
  });
});

for (const name of ["wasm", "reference", "gpu:webasm"] as const) {
  it(`PartialFC on ${name} refuses a number of classes that does not fit, and takes no memory`, async () => {
    const engine = await openEngine(name);
    const before = process.memoryUsage.rss();
    const options = { embedding: 512, margin: cosFace({ scale: 64, margin: 0.4 }), seed: 0 };
    assert.throws(
      () => new PartialFC(engine, { ...options, classes: 2_000_000_000 }),
      /2000000000 rows of 512 numbers, 4 \+ 4 bytes each with the state beside them, need 8192000000000 bytes, and \d+ bytes/,
    );
    assert.throws(
      () => new PartialFC(engine, { ...options, classes: 2_000_000_000, states: [] }),
      /need 4096000000000 bytes/,
    );
    assert.ok(process.memoryUsage.rss() - before < 2 ** 28);
    await engine.close();
  });
}
