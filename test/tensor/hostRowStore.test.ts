import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { HostRowStore } from "../../src/tensor/hostRowStore.js";

const engine = new ReferenceEngine("float64");

/** Row r is (10 r, 10 r + 1, 10 r + 2); `rowsPerChunk` rows lie in one array. */
function open(rows: number, rowsPerChunk: number): HostRowStore {
  const fill = (row: number, target: { [position: number]: number }, offset: number): void => {
    for (let column = 0; column < 3; column++) target[offset + column] = 10 * row + column;
  };
  return new HostRowStore(engine, rows, 3, { initialize: fill }, 3 * rowsPerChunk);
}

describe("a row store in host memory", () => {
  for (const rowsPerChunk of [1, 2, 3, 100]) {
    it(`gathers, writes, reads and loads rows across chunks of ${rowsPerChunk}`, async () => {
      const store = open(7, rowsPerChunk);
      assert.equal(store.bytes, 7 * 3 * 8);
      assert.deepEqual([...store.gather(Int32Array.of(6, 0, 6)).dataSync()], [60, 61, 62, 0, 1, 2, 60, 61, 62]);
      store.write(Int32Array.of(5, 1, 5), engine.tensor([1, 1, 1, 2, 2, 2, 3, 3, 3], [3, 3]));
      store.load(2, Float64Array.of(7, 7, 7, 8, 8, 8));
      assert.deepEqual(
        [...(await store.read(1, 6))],
        [2, 2, 2, 7, 7, 7, 8, 8, 8, 40, 41, 42, 3, 3, 3, 60, 61, 62], // of repeated rows the last one stays
      );
    });
  }

  it("starts with zeros where nothing else is said", async () => {
    assert.deepEqual([...(await engine.rowStore(2, 2).read(0, 2))], [0, 0, 0, 0]);
  });

  it("refuses rows outside the table, and numbers that are no whole rows, and then changes nothing", async () => {
    const store = open(3, 2);
    assert.throws(() => store.gather(Int32Array.of(0, 3)), /row 3 is outside the table of 3 rows/);
    assert.throws(() => store.gather(Int32Array.of(-1)), /row -1 is outside/);
    await assert.rejects(store.read(2, 2), /row 3 is outside/);
    assert.throws(() => store.load(0, new Float64Array(4)), /whole rows of 3 numbers are loaded; given 4 numbers/);
    assert.deepEqual([...(await store.read(0, 3))], [0, 1, 2, 10, 11, 12, 20, 21, 22]);
  });

  it("says that it was disposed", () => {
    const store = open(3, 2);
    store.dispose();
    assert.equal(store.bytes, 0);
    assert.throws(() => store.gather(Int32Array.of(0)), /already disposed/);
  });

  it("lays nothing beside itself once it is disposed", () => {
    const store = open(2, 1);
    store.dispose();
    assert.throws(() => store.beside(), /already disposed/);
  });
});
