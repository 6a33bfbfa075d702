/** Tables of rows on the GPU engine, wherever they lie, against the definition; where they lie; what goes between host and device. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FloatArray } from "../../../../src/tensor/engine.js";
import type { GpuEngine } from "../../../../src/tensor/engines/gpu/gpuEngine.js";
import { kernelOfText } from "../../../../src/tensor/engines/gpu/kernel.js";
import { openGpu } from "../../../../src/tensor/engines/gpu/openGpu.js";
import { ResidentRowStore } from "../../../../src/tensor/engines/gpu/residentRowStore.js";
import { StreamedRowStore } from "../../../../src/tensor/engines/gpu/streamedRowStore.js";
import { ReferenceEngine } from "../../../../src/tensor/engines/reference/index.js";
import { HostRowStore } from "../../../../src/tensor/hostRowStore.js";
import { stream, type Random } from "../../../../src/tensor/random.js";
import type { RowFunction, RowInitializer, RowStore } from "../../../../src/tensor/rowStore.js";
import { inEveryMode } from "./inEveryMode.js";

/** Row r is (10 r, 10 r + 1, 10 r + 2). */
const counting: RowFunction = (row, target, offset) => {
  for (let column = 0; column < 3; column++) target[offset + column] = 10 * row + column;
};

type Open = (engine: GpuEngine, rows: number, columns: number, initialize?: RowInitializer) => RowStore;

const inChunksOf =
  (count: number): Open =>
  (engine, rows, columns, initialize) =>
    new ResidentRowStore(engine, rows, columns, { initialize, chunkElements: count * columns });

const places: Readonly<Record<string, Open>> = {
  "resident in one chunk": (engine, rows, columns, initialize) => engine.rowStore(rows, columns, { initialize }),
  "resident in chunks of 3 rows": inChunksOf(3),
  "resident in chunks of 1 row": inChunksOf(1),
  streamed: (engine, rows, columns, initialize) => new StreamedRowStore(engine, rows, columns, initialize),
};

const broken = kernelOfText("brokenKernel", { arrays: 0 }, "function () { return y[0]; }");

inEveryMode("a table of rows", (engine) => {
  for (const [where, open] of Object.entries(places)) {
    describe(where, () => {
      it("gathers, writes, reads and loads rows; of repeated rows the last one stays", async () => {
        const store = open(engine(), 7, 3, counting);
        assert.equal(store.bytes, 7 * 3 * 4);
        using gathered = store.gather(Int32Array.of(6, 0, 6));
        using values = engine().tensor([1, 1, 1, 2, 2, 2, 3, 3, 3], [3, 3]);
        store.write(Int32Array.of(5, 1, 5), values);
        store.load(2, Float32Array.of(7, 7, 7, 8, 8, 8));
        assert.deepEqual(gathered.shape, [3, 3]);
        assert.deepEqual([...(await gathered.data())], [60, 61, 62, 0, 1, 2, 60, 61, 62]);
        assert.deepEqual([...(await store.read(1, 6))], [2, 2, 2, 7, 7, 7, 8, 8, 8, 40, 41, 42, 3, 3, 3, 60, 61, 62]);
        store.dispose();
      });

      it("is a list of rows, every answer that of the moment it was asked for", async () => {
        for (let program = 0; program < 5; program++) {
          const random = stream("tables", where, program);
          const [rows, columns] = [1 + random.integer(10), 1 + random.integer(5)];
          const store = open(engine(), rows, columns);
          const plain = new HostRowStore(new ReferenceEngine("float64"), rows, columns);
          const answers = Array.from({ length: 12 }, () => step(random, store, plain)); // all queued before one is awaited
          for (const [found, expected] of await Promise.all(answers)) assert.deepEqual([...found], [...expected]);
          store.dispose();
        }
      });

      it("starts with the normal numbers of (key, row, column)", async () => {
        const normal = { key: stream("normal").key(), first: 40, deviation: 0.01 };
        const store = open(engine(), 7, 4, normal);
        const plain = new HostRowStore(new ReferenceEngine("float32"), 7, 4, { initialize: normal });
        assert.deepEqual(await store.read(0, 7), await plain.read(0, 7));
        store.dispose();
      });

      it("refuses what lies outside, or is no whole row, and is then as it was", async () => {
        const store = open(engine(), 3, 3, counting);
        using values = engine().full([2, 3], 9);
        const outside = /row 3 is outside the table of 3 rows/;
        assert.throws(() => store.gather(Int32Array.of(0, 3)), outside);
        assert.throws(() => store.gather(Int32Array.of(-1)), /row -1 is outside/);
        assert.throws(() => store.write(Int32Array.of(0, 3), values), outside);
        assert.throws(
          () => store.write(Int32Array.of(0), values),
          /1 rows of 3 are written; given a tensor of \[2, 3\]/,
        );
        assert.throws(() => store.load(2, new Float32Array(6)), outside);
        assert.throws(() => store.load(0, new Float32Array(4)), /whole rows of 3 numbers are loaded; given 4 numbers/);
        await assert.rejects(store.read(2, 2), outside);
        assert.deepEqual([...(await store.read(0, 3))], [0, 1, 2, 10, 11, 12, 20, 21, 22]);
        store.dispose();
      });

      it("lays another table beside itself: zeros, and the two know nothing of each other", async () => {
        const store = open(engine(), 4, 3, counting);
        const beside = store.beside();
        assert.equal(beside.constructor, store.constructor);
        assert.ok((await beside.read(0, 4)).every((value) => value === 0));
        beside.load(0, new Float32Array(12).fill(5));
        assert.deepEqual([...(await store.read(3, 1))], [30, 31, 32]);
        store.dispose();
        assert.ok((await beside.read(0, 4)).every((value) => value === 5));
        beside.dispose();
      });

      it("says that it was disposed, and finishes what was asked for before", async () => {
        const store = open(engine(), 3, 3, counting);
        using gathered = store.gather(Int32Array.of(2));
        const read = store.read(1, 1);
        store.dispose();
        store.dispose();
        assert.equal(store.bytes, 0);
        const gone = /the table was already disposed/;
        assert.throws(() => store.gather(Int32Array.of(0)), gone);
        assert.throws(() => store.load(0, new Float32Array(3)), gone);
        assert.throws(() => store.beside(), gone);
        await assert.rejects(store.read(0, 1), gone);
        assert.deepEqual([...(await gathered.data())], [20, 21, 22]);
        assert.deepEqual([...(await read)], [10, 11, 12]);
      });

      it("fails after a write that failed, for nobody knows its rows", async () => {
        const store = open(engine(), 3, 3, counting);
        engine().scope(() => store.write(Int32Array.of(0), engine().launch(broken, [1, 3], [3, 1], [])));
        await assert.rejects(store.read(0, 1), /brokenKernel failed/);
        await assert.rejects(store.read(0, 1), /brokenKernel failed/);
        using gathered = store.gather(Int32Array.of(0));
        await assert.rejects(gathered.data(), /brokenKernel failed/);
        store.dispose();
      });

      it("takes rows and values as they are when it is called", async () => {
        const store = open(engine(), 3, 1);
        const [index, loaded] = [Int32Array.of(0), Float32Array.of(5)];
        using value = engine().full([1, 1], 7);
        store.write(index, value);
        using gathered = store.gather(index);
        store.load(1, loaded);
        index[0] = 2;
        loaded[0] = 99;
        engine().blend(value, 0, value, 0);
        assert.deepEqual([...(await store.read(0, 3))], [7, 5, 0]);
        assert.deepEqual([...(await gathered.data())], [7]);
        store.dispose();
      });
    });
  }

  it("counts what it holds, and gives it back", async () => {
    const opened = async (): Promise<RowStore> => {
      const store = inChunksOf(3)(engine(), 7, 3, counting);
      for (let repetition = 0; repetition < 3; repetition++) {
        engine().scope(() => store.write(Int32Array.of(0, 6), store.gather(Int32Array.of(0, 3))));
        store.load(2, new Float32Array(6));
        await store.read(0, 7);
      }
      await engine().ready();
      return store;
    };
    const held = (): readonly number[] => [engine().memory().tensors, engine().device.memory().bytes];
    (await opened()).dispose(); // GPU.js keeps the last result of every kernel, and some numbers
    await engine().ready();
    const [tensors, bytes] = held();
    const store = await opened();
    assert.equal(engine().memory().tensors, tensors + 3); // chunks
    store.dispose();
    await engine().ready();
    assert.deepEqual(held(), [tensors, bytes]);
  });

  it("makes anew only chunks in which rows are written", async () => {
    const store = inChunksOf(2)(engine(), 8, 3, counting);
    using values = engine().full([3, 3], 1);
    await engine().ready();
    const { launches, uploads } = engine().traffic;
    store.write(Int32Array.of(0, 1, 7), values);
    await engine().ready();
    const after = engine().traffic;
    assert.deepEqual([after.launches - launches, after.uploads - uploads], [2, 2]); // of four
    store.dispose();
  });

  it("streams sampled rows only, and reads nothing where it is resident", async () => {
    const moved = async (store: RowStore): Promise<readonly number[]> => {
      await engine().ready();
      const before = engine().traffic;
      engine().scope(() => store.write(Int32Array.of(4, 1), store.gather(Int32Array.of(1, 4))));
      await engine().ready();
      const after = engine().traffic;
      assert.deepEqual([...(await store.read(1, 1))], [40, 41, 42]);
      store.dispose();
      return [after.reads - before.reads, after.streamedReads - before.streamedReads];
    };
    assert.deepEqual(await moved(inChunksOf(3)(engine(), 7, 3, counting)), [0, 0]);
    assert.deepEqual(await moved(new StreamedRowStore(engine(), 7, 3, counting)), [0, 1]);
  });
});

/** One step on both tables: what the one answers, and the other. */
async function step(random: Random, store: RowStore, plain: HostRowStore): Promise<readonly [FloatArray, FloatArray]> {
  const { engine, rows, columns } = store;
  const numbers = (count: number): Float32Array =>
    Float32Array.from({ length: count * columns }, () => random.normal());
  const kind = random.integer(4);
  const start = random.integer(rows);
  const count = random.integer(rows - start + 1);
  if (kind === 0) return Promise.all([store.read(start, count), plain.read(start, count)]);
  if (kind === 1) {
    const values = numbers(count);
    store.load(start, values);
    plain.load(start, Float64Array.from(values));
    return [new Float32Array(0), new Float32Array(0)];
  }
  const index = Int32Array.from({ length: random.integer(2 * rows) }, () => random.integer(rows));
  if (kind === 2) {
    using gathered = store.gather(index);
    return Promise.all([gathered.data(), plain.gather(index).data()]);
  }
  const values = numbers(index.length);
  engine.scope(() => store.write(index, engine.tensor(values, [index.length, columns])));
  plain.write(index, plain.engine.tensor(values, [index.length, columns]));
  return [new Float32Array(0), new Float32Array(0)];
}

describe("where a table of the GPU engine lies", () => {
  const TABLE = 10 * 4 * 4; // bytes of ten rows of four numbers
  const placeOf = (store: RowStore): string => (store instanceof ResidentRowStore ? "device" : "host");

  it("is the device as long as there is room for it and for what will lie beside it", async () => {
    const engine = await openGpu({ mode: "cpu", residentBytes: 4 * TABLE });
    const first = engine.rowStore(10, 4);
    const velocity = first.beside(); // which had its room already
    const two = engine.rowStore(10, 4, { besides: ["float32", "float32"] });
    const second = engine.rowStore(10, 4);
    assert.deepEqual([first, velocity, two, two.beside(), second].map(placeOf), [
      "device",
      "device",
      "host",
      "host",
      "device",
    ]);
    assert.equal(placeOf(engine.rowStore(1, 1, { besides: [] })), "host");
    first.dispose();
    assert.equal(placeOf(engine.rowStore(10, 4)), "host"); // room for the table, not for its state
    velocity.dispose();
    const third = engine.rowStore(10, 4);
    assert.equal(placeOf(third), "device");
    third.dispose();
    second.dispose(); // with the room for the state that it never had
    const large = engine.rowStore(40, 4, { besides: [] });
    assert.equal(placeOf(large), "device");
    large.dispose();
    assert.equal(engine.memory().tensors, 0);
    await engine.close();
  });

  it("is the host for all where no byte may stay", async () => {
    const engine = await openGpu({ mode: "cpu", residentBytes: 0 });
    const store = engine.rowStore(2, 2);
    assert.equal(placeOf(store), "host");
    assert.equal(engine.memory().tensors, 0);
    await engine.close();
  });

  it("cannot be where no machine has room, nor is there a table of half numbers", async () => {
    const engine = await openGpu({ mode: "cpu" });
    assert.throws(() => engine.rowStore(2 ** 31 - 1, 2 ** 22), /row store: 2147483647 rows of 4194304 numbers/);
    assert.throws(() => engine.rowStore(-1, 2), /a whole number of rows from 0/);
    const refusal = /kept in "float32", for kernels of GPU\.js know no other numbers; given "float16"/;
    assert.throws(() => engine.rowStore(2, 2, { storage: "float16" }), refusal);
    assert.throws(() => engine.rowStore(2, 2, { besides: ["float16"] }), refusal);
    const store = engine.rowStore(2, 2);
    assert.throws(() => store.beside("float16"), refusal);
    store.dispose();
    await engine.close();
  });
});
