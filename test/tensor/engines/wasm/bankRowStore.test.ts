import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { BankRowStore } from "../../../../src/tensor/engines/wasm/bankRowStore.js";
import type { WasmEngine } from "../../../../src/tensor/engines/wasm/wasmEngine.js";
import { openEngine } from "../../../../src/tensor/openEngine.js";
import type { RowInitializer } from "../../../../src/tensor/rowStore.js";

const ROWS = 1000;
const COLUMNS = 101;
/** Element j of row i is i + j/128: exact in float32. */
const initialize: RowInitializer = (row, target, offset) => {
  for (let column = 0; column < COLUMNS; column++) target[offset + column] = row + column / 128;
};

for (const [where, bankBytes, parts] of [
  ["the heap", undefined, 1],
  ["thirteen banks", 2 * 65_536, 13], // a third of the bank but its working memory is 32 KiB: 81 rows
] as const) {
  describe(`a row store in ${where}`, () => {
    const open = (engine: WasmEngine): BankRowStore => engine.rowStore(ROWS, COLUMNS, { initialize });
    let engine: WasmEngine;
    let store: BankRowStore;
    before(async () => {
      engine = await openEngine("wasm", { threads: 2, bankBytes });
      store = open(engine);
    });
    after(() => engine.close());

    it("lies in contiguous parts, all of about the same size", () => {
      assert.equal(store.parts.length, parts);
      let first = 0;
      for (const part of store.parts) {
        assert.equal(part.first, first);
        assert.ok(Math.abs(part.rows - ROWS / parts) <= parts);
        assert.equal(part.bank.heap.floats[part.pointer / 4], first, "the first element of the part");
        first += part.rows;
      }
      assert.equal(first, ROWS);
    });

    it("gathers rows in the order asked for, also repeated ones", () => {
      const index = Int32Array.from({ length: 700 }, (_, i) => (i * 37) % 300);
      const gathered = engine.scope(() => {
        const tensor = store.gather(index);
        assert.deepEqual(tensor.shape, [700, COLUMNS]);
        return tensor.dataSync();
      });
      for (const [i, value] of gathered.entries()) {
        assert.equal(value, index[Math.floor(i / COLUMNS)] + (i % COLUMNS) / 128);
      }
    });

    it("writes rows, the last of repeated ones, and no others", async () => {
      const store = open(engine);
      const index = Int32Array.from({ length: 800 }, (_, i) => (i % 400) * 2); // every even row under 800, twice
      engine.scope(() =>
        store.write(
          index,
          engine.tensor(
            Array.from({ length: 800 * COLUMNS }, (_, i) => -i),
            [800, COLUMNS],
          ),
        ),
      );
      const all = await store.read(0, ROWS);
      for (const [i, value] of all.entries()) {
        const row = Math.floor(i / COLUMNS);
        const written = row % 2 === 0 && row < 800;
        const position = 400 + row / 2;
        const column = i % COLUMNS;
        assert.equal(value, written ? -(position * COLUMNS + column) : row + column / 128);
      }
      store.dispose();
    });

    it("writes rows in ascending order on all threads", async () => {
      const store = open(engine);
      const index = Int32Array.from({ length: ROWS }, (_, i) => i);
      engine.scope(() => store.write(index, engine.full([ROWS, COLUMNS], 3)));
      assert.ok((await store.read(0, ROWS)).every((value) => value === 3));
      store.dispose();
    });

    it("reads back what was loaded", async () => {
      const store = open(engine);
      store.load(998, new Float32Array(2 * COLUMNS).fill(9));
      assert.deepEqual(await store.read(998, 2), new Float32Array(2 * COLUMNS).fill(9));
      assert.equal((await store.read(997, 1))[0], 997);
      store.dispose();
    });

    it("refuses rows it does not have, and nothing is left behind", () => {
      const { inUse } = engine.memory();
      for (const row of [-1, ROWS]) {
        assert.throws(() => store.gather(Int32Array.of(0, row)), /row -?\d+ is outside the table of 1000 rows/);
      }
      assert.equal(engine.memory().inUse, inUse);
    });

    it("knows its size", () => {
      assert.deepEqual([store.rows, store.columns, store.bytes], [ROWS, COLUMNS, ROWS * COLUMNS * 4]);
    });
  });
}

describe("the engine's choice of where a table lies", () => {
  it("is the heap while it has plenty of room, else banks of its own", async () => {
    const engine = await openEngine("wasm", { threads: 1, mostPages: 160 }); // 10 MiB
    const small = engine.rowStore(1024, 512); // 2 MiB
    const next = engine.rowStore(1024, 512);
    const last = engine.rowStore(1024, 512); // only 6 MiB are left
    assert.deepEqual(
      [small, next, last].map(({ parts: [{ bank }] }) => bank === engine.bank),
      [true, true, false],
    );
    const { inUse } = engine.memory();
    for (const store of [small, next, last]) store.dispose();
    assert.equal(inUse - engine.memory().inUse, 4 * 2 ** 20);
    await engine.close();
  });
});
