/**
 * Tables of rows of the GPU engine against a plain list of lists: on the device in chunks, and on the host, from where rows are streamed. All
 * of a program is called before anything is awaited.
 */
import assert from "node:assert/strict";
import type { GpuEngine } from "../../src/tensor/engines/gpu/gpuEngine.js";
import { ResidentRowStore } from "../../src/tensor/engines/gpu/residentRowStore.js";
import { StreamedRowStore } from "../../src/tensor/engines/gpu/streamedRowStore.js";
import type { RowStore } from "../../src/tensor/rowStore.js";
import { inEveryMode } from "../../test/tensor/engines/gpu/inEveryMode.js";
import { counting, initial, rowPrograms, type RowProgram } from "../arbitraries/rowPrograms.js";
import { property } from "../property.js";

function storesOn(engine: GpuEngine, { rows, columns, chunkElements }: RowProgram): Record<string, RowStore> {
  const initialize = counting(columns);
  return {
    "the engine's own": engine.rowStore(rows, columns, { initialize }),
    "on the device in chunks": new ResidentRowStore(engine, rows, columns, { initialize, chunkElements }),
    streamed: new StreamedRowStore(engine, rows, columns, initialize),
  };
}

/** What was asked for, and what it should be. */
interface Asked {
  readonly answer: Promise<ArrayLike<number>>;
  readonly expected: readonly number[];
}

/** Calls all steps of the program. */
function call(store: RowStore, { rows, columns, steps }: RowProgram): Asked[] {
  const { engine } = store;
  const plain = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => initial(row, column)),
  );
  const asked: Asked[] = [];
  for (const step of steps) {
    if (step.kind === "gather") {
      using gathered = store.gather(Int32Array.from(step.index));
      assert.deepEqual(gathered.shape, [step.index.length, columns]);
      asked.push({ answer: gathered.data(), expected: step.index.flatMap((row) => plain[row]) });
    } else if (step.kind === "write") {
      const { index, values } = step;
      engine.scope(() => store.write(Int32Array.from(index), engine.tensor(values.flat(), [index.length, columns])));
      for (const [position, row] of index.entries()) plain[row] = values[position]; // the last of repeated ones stays
    } else if (step.kind === "load") {
      store.load(step.start, Float32Array.from(step.values.flat()));
      for (const [position, row] of step.values.entries()) plain[step.start + position] = row;
    } else {
      const { start, count } = step;
      asked.push({ answer: store.read(start, count), expected: plain.slice(start, start + count).flat() });
    }
  }
  asked.push({ answer: store.read(0, rows), expected: plain.flat() });
  return asked;
}

inEveryMode("a table of rows of the GPU engine", (engine) => {
  property(
    "is a list of rows, wherever it lies, and answers what was true when it was asked",
    [rowPrograms()],
    async (program) => {
      const stores = storesOn(engine(), program);
      try {
        for (const [where, store] of Object.entries(stores)) {
          const asked = call(store, program);
          const found = await Promise.all(asked.map(({ answer }) => answer));
          for (const [number, { expected }] of asked.entries()) {
            assert.deepEqual(Array.from(found[number]), expected, `${where}: answer ${number}`);
          }
        }
      } finally {
        for (const store of Object.values(stores)) store.dispose();
      }
      assert.equal(engine().memory().tensors, 0);
    },
  );
});
