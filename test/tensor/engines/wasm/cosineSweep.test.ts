import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CosineSweepRequest } from "../../../../src/tensor/cosineSweep.js";
import type { Engine } from "../../../../src/tensor/engine.js";
import type { RowStorage } from "../../../../src/tensor/rowStore.js";
import { openEngine } from "../../../../src/tensor/openEngine.js";
import { stream } from "../../../../src/tensor/random.js";

interface Case {
  readonly rows: number;
  readonly columns: number;
  readonly samples: number;
  readonly classes: number;
  readonly filter?: number;
  readonly keep?: boolean;
  readonly bankBytes?: number;
  readonly storage?: RowStorage;
}

const cases: Case[] = [
  { rows: 10, columns: 4, samples: 3, classes: 10 },
  { rows: 1, columns: 1, samples: 1, classes: 1 },
  { rows: 300, columns: 19, samples: 13, classes: 129 },
  { rows: 300, columns: 19, samples: 13, classes: 129, keep: false },
  { rows: 500, columns: 260, samples: 33, classes: 201, filter: 0.1 },
  { rows: 5000, columns: 64, samples: 40, classes: 4001 },
  { rows: 5000, columns: 64, samples: 40, classes: 4001, keep: false, filter: 0.2 },
  { rows: 9000, columns: 32, samples: 24, classes: 3000, bankBytes: 2 ** 20 },
  { rows: 9000, columns: 32, samples: 24, classes: 3000, bankBytes: 2 ** 20, keep: false },
  { rows: 300, columns: 21, samples: 13, classes: 129, storage: "float16" },
  { rows: 300, columns: 21, samples: 13, classes: 129, storage: "float16", keep: false },
];

/** All results of a sweep with made-up outer gradients, as plain arrays. */
function results(
  engine: Engine,
  { rows, columns, samples, classes, filter = 0, keep, storage }: Case,
): Record<string, number[]> {
  const random = stream("sweep", rows, columns, samples, classes);
  const draw = (count: number, scale = 1): Float32Array =>
    Float32Array.from({ length: count }, () => scale * random.normal());
  const table = draw(rows * columns);
  const speeds = draw(rows * columns, 0.1);
  const store = engine.rowStore(rows, columns, {
    storage,
    initialize: (row, target, offset) => target.set(table.subarray(row * columns, (row + 1) * columns), offset),
  });
  const velocity = store.beside();
  velocity.load(0, engine.float === "float64" ? Float64Array.from(speeds) : speeds);
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  random.shuffle(order);
  const index = order.slice(0, classes).sort();
  const x = engine.normalizeRows(engine.tensor(draw(samples * columns), [samples, columns]), 1e-12).y;
  const labels = Int32Array.from({ length: samples }, (_, n) => (n % 5 === 4 ? -1 : random.integer(classes)));
  const request: CosineSweepRequest = { store, index, x, labels, scale: 20, filter, keep };
  const sweep = engine.cosineSweep(request);
  const { largest, total, target } = sweep.statistics();
  const logSum = Float64Array.from(largest.dataSync(), (most, n) => most + Math.log(total.dataSync()[n] + 1));
  const outer = draw(samples);
  const dx = sweep.backward(
    engine.tensor(logSum, [samples]),
    engine.tensor(outer, [samples]),
    engine.tensor([0.7], []),
  );
  const dw = sweep.gradient();
  sweep.update(velocity, { rate: 0.1, momentum: 0.9, decay: 0.01, nesterov: columns % 2 === 0 });
  const found = { largest, total, target, dx, dw, rows: store.gather(order), velocity: velocity.gather(order) };
  sweep.dispose();
  const plain = Object.fromEntries(Object.entries(found).map(([name, tensor]) => [name, [...tensor.dataSync()]]));
  store.dispose();
  velocity.dispose();
  return plain;
}

function assertNear(found: Record<string, number[]>, expected: Record<string, number[]>, half: boolean): void {
  for (const [name, values] of Object.entries(expected)) {
    // exponentials of s · cos θ magnify a rounding of the cosine twenty times; a half that is written may fall to the neighbour, 2^-10 away
    const size = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const written = half && (name === "rows" || name === "velocity");
    for (const [place, value] of values.entries()) {
      const difference = Math.abs(found[name][place] - value);
      assert.ok(
        difference <= (written ? Math.abs(value) * 2 ** -10 : 0) + 2e-5 * size + 1e-6,
        `${name}[${place}]: ${found[name][place]} in place of ${value}`,
      );
    }
  }
}

describe("cosine sweep on wasm", () => {
  for (const given of cases) {
    for (const multiplyAdd of ["separate", "fused"] as const) {
      it(`is the definition's, ${multiplyAdd}: ${JSON.stringify(given)}`, async () => {
        const wasm = await openEngine("wasm", { threads: 2, multiplyAdd, bankBytes: given.bankBytes });
        const reference = await openEngine("reference", { float: "float64" });
        assertNear(results(wasm, given), results(reference, given), given.storage === "float16");
        await wasm.close();
      });
    }
  }

  it("gives the same bits on any number of threads", async () => {
    const given = { rows: 5000, columns: 64, samples: 40, classes: 4001 };
    const runs: Record<string, number[]>[] = [];
    for (const threads of [1, 2, 3]) {
      const engine = await openEngine("wasm", { threads });
      runs.push(results(engine, given));
      await engine.close();
    }
    assert.deepEqual(runs[1], runs[0]);
    assert.deepEqual(runs[2], runs[0]);
  });

  it("gives all its memory back", async () => {
    const engine = await openEngine("wasm", { threads: 1 });
    const before = engine.memory();
    engine.scope(() => void results(engine, cases[2]));
    engine.scope(() => void results(engine, cases[3]));
    assert.equal(engine.memory().inUse, before.inUse);
    assert.equal(engine.memory().tensors, before.tensors);
    await engine.close();
  });

  it("refuses rows that do not ascend, labels that are no place, shapes that do not fit", async () => {
    const engine = await openEngine("wasm", { threads: 1 });
    const store = engine.rowStore(5, 2);
    const x = engine.tensor([1, 0], [1, 2]);
    const request = { store, index: Int32Array.of(0, 3), x, labels: Int32Array.of(0), scale: 1, filter: 0 };
    const refused = (change: Partial<CosineSweepRequest>, message: RegExp): void => {
      assert.throws(() => engine.cosineSweep({ ...request, ...change }), message);
    };
    refused({ index: Int32Array.of(3, 3) }, /rows ascend, each once, within the table of 5; number 1 is 3 after 3/);
    refused({ index: Int32Array.of(5) }, /number 0 is 5/);
    refused({ labels: Int32Array.of(2) }, /places among the 2 rows, or -1; given 2/);
    refused({ x: engine.tensor([1, 0, 0], [1, 3]) }, /the table's 2 columns is needed; given \[1, 3\] and 1 labels/);
    await engine.close();
  });
});
