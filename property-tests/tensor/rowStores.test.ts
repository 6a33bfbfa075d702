/** Tables of rows against a plain list of lists: host memory in chunks of any size, the heap of the wasm engine, and banks. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import type { Engine, FloatArray } from "../../src/tensor/engine.js";
import { WasmEngine } from "../../src/tensor/engines/wasm/wasmEngine.js";
import { BankRowStore } from "../../src/tensor/engines/wasm/bankRowStore.js";
import { RowBanks } from "../../src/tensor/engines/wasm/rowBanks.js";
import { roundToHalf } from "../../src/tensor/float16.js";
import { hashNormal } from "../../src/tensor/random.js";
import { HostRowStore } from "../../src/tensor/hostRowStore.js";
import type { RowInitializer, RowStore } from "../../src/tensor/rowStore.js";
import { counting, initial, rowPrograms, type RowProgram } from "../arbitraries/rowPrograms.js";
import { engines } from "../engines.js";
import { property } from "../property.js";

/** One page, of which a quarter is left for working memory and each of three tables may have a third of the rest. */
const BANK_BYTES = 65_536;
const BANK_SHARE = 16_384;

const word = fc.integer({ min: 0, max: 0xffff_ffff });

function withStart(store: RowStore, values: FloatArray): RowStore {
  store.load(0, values);
  return store;
}

/** The same program on the store and on plain lists; every answer is compared to the bit. */
async function run(store: RowStore, { rows, columns, steps, storage }: RowProgram, what: string): Promise<void> {
  const { engine } = store;
  const kept = (values: readonly number[]): number[] => (storage === "float16" ? values.map(roundToHalf) : [...values]);
  assert.equal(store.storage, storage);
  const plain = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => initial(row, column)),
  );
  for (const step of steps) {
    if (step.kind === "gather") {
      engine.scope(() => {
        const gathered = store.gather(Int32Array.from(step.index));
        assert.deepEqual(gathered.shape, [step.index.length, columns]);
        assert.deepEqual(
          [...gathered.dataSync()],
          step.index.flatMap((row) => plain[row]),
          what,
        );
      });
    } else if (step.kind === "write") {
      const { index, values } = step;
      engine.scope(() => store.write(Int32Array.from(index), engine.tensor(values.flat(), [index.length, columns])));
      for (const [position, row] of index.entries()) plain[row] = kept(values[position]); // the last of repeated ones stays
    } else if (step.kind === "load") {
      const { start, values } = step;
      const Elements = engine.float === "float64" ? Float64Array : Float32Array;
      store.load(start, Elements.from(values.flat()));
      for (const [position, row] of values.entries()) plain[start + position] = kept(row);
    } else {
      const { start, count } = step;
      assert.deepEqual([...(await store.read(start, count))], plain.slice(start, start + count).flat(), what);
    }
  }
  assert.deepEqual([...(await store.read(0, rows))], plain.flat(), `${what}: at the end`);
}

describe("a table of rows", () => {
  /** Every kind of store that the engine knows. */
  function storesOn(
    engine: Engine,
    { rows, columns, chunkElements, rowsPerBank, storage }: RowProgram,
    initialize?: RowInitializer,
  ): Record<string, RowStore> {
    const options = { initialize, storage };
    const stores: Record<string, RowStore> = {
      "the engine's own": engine.rowStore(rows, columns, options),
      "host memory in chunks": new HostRowStore(engine, rows, columns, options, chunkElements),
    };
    if (engine instanceof WasmEngine) {
      const banks = RowBanks.open(engine.team, rows, Math.floor(BANK_SHARE / rowsPerBank), BANK_BYTES);
      const store = new BankRowStore(engine, banks, columns, options);
      assert.equal(store.parts.length, Math.ceil(rows / rowsPerBank));
      stores["several banks"] = store;
    }
    return stores;
  }

  property("is a list of rows, whatever it is kept in", [rowPrograms()], async (program) => {
    for (const engine of engines) {
      for (const [where, store] of Object.entries(storesOn(engine, program, counting(program.columns)))) {
        await run(store, program, `${engine.name}, ${where}`);
        store.dispose();
      }
      assert.equal(engine.memory().tensors, 0, engine.name);
    }
  });

  property(
    "starts with the normal numbers of (key, row, column), wherever the row lies, to a unit in the last place",
    [
      rowPrograms(),
      fc.tuple(word, word),
      fc.nat({ max: 2 ** 31 - 20 }),
      fc.double({ min: 1e-3, max: 10, noNaN: true }),
    ],
    async (program, key, first, deviation) => {
      const { rows, columns, storage } = program;
      for (const engine of engines) {
        // one unit in the last place of what is kept
        const bits = storage === "float16" ? 10 : engine.float === "float64" ? 50 : 23;
        const smallest = storage === "float16" ? 2 ** -24 : 0;
        for (const [where, store] of Object.entries(storesOn(engine, program, { key, first, deviation }))) {
          const values = await store.read(0, rows);
          for (const [i, value] of values.entries()) {
            const exact = deviation * hashNormal(key, first + Math.floor(i / columns), i % columns);
            const bound = Math.max(smallest, Math.abs(exact) * 2 ** -bits);
            assert.ok(Math.abs(value - exact) <= bound, `${engine.name}, ${where}: ${value} at ${i}, exactly ${exact}`);
          }
          store.dispose();
        }
      }
    },
  );

  property(
    "lays another table beside itself: zeros, and the two know nothing of each other",
    [rowPrograms()],
    async (program) => {
      const { rows, columns } = program;
      for (const engine of engines) {
        for (const [where, store] of Object.entries(storesOn(engine, program, counting(columns)))) {
          const before = await store.read(0, rows);
          // one that is gone leaves its numbers in memory: the next must not see them
          const gone = store.beside();
          gone.load(
            0,
            before.map(() => 9),
          );
          gone.dispose();
          const beside = store.beside();
          const other = store.beside("float32");
          assert.ok(
            (await beside.read(0, rows)).every((value) => value === 0),
            where,
          );
          await run(withStart(beside, before), program, `${engine.name}, beside ${where}`);
          assert.deepEqual(await store.read(0, rows), before);
          store.dispose();
          assert.ok(
            (await other.read(0, rows)).every((value) => value === 0),
            "outlives the table it was laid beside",
          );
          assert.deepEqual([beside.storage, other.storage], [program.storage, "float32"]);
          beside.dispose();
          other.dispose();
        }
      }
    },
  );

  property(
    "refuses rows outside of it and is then as it was",
    [rowPrograms(), fc.constantFrom(-1, 0, 5)],
    async (program, beyond) => {
      const outside = beyond < 0 ? beyond : program.rows + beyond;
      for (const engine of engines) {
        for (const [where, store] of Object.entries(storesOn(engine, program, counting(program.columns)))) {
          const before = await store.read(0, program.rows);
          const index = Int32Array.of(0, outside);
          const message = new RegExp(`row ${outside} is outside the table of ${program.rows} rows`);
          assert.throws(() => store.gather(index), message, where);
          engine.scope(() => {
            assert.throws(() => store.write(index, engine.full([2, program.columns], 9)), message, where);
          });
          assert.deepEqual(await store.read(0, program.rows), before, `${engine.name}, ${where}`);
          store.dispose();
        }
      }
    },
  );
});
