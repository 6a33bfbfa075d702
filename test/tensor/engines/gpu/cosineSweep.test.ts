/** The cosine sweep on the GPU engine against the definition in float64, over tables wherever they lie. */
import assert from "node:assert/strict";
import { it } from "node:test";
import type { CosineSweep, CosineSweepRequest } from "../../../../src/tensor/cosineSweep.js";
import type { Engine, SgdRule } from "../../../../src/tensor/engine.js";
import type { GpuEngine } from "../../../../src/tensor/engines/gpu/gpuEngine.js";
import { ResidentRowStore } from "../../../../src/tensor/engines/gpu/residentRowStore.js";
import { StreamedRowStore } from "../../../../src/tensor/engines/gpu/streamedRowStore.js";
import { ReferenceEngine } from "../../../../src/tensor/engines/reference/index.js";
import { stream } from "../../../../src/tensor/random.js";
import type { RowInitializer, RowStore } from "../../../../src/tensor/rowStore.js";
import { inEveryMode } from "./inEveryMode.js";

interface Case {
  readonly rows: number;
  readonly columns: number;
  readonly samples: number;
  readonly classes: number;
  readonly filter?: number;
  readonly keep?: boolean;
  /** The table's row 0 is zeros. */
  readonly zero?: boolean;
  readonly nesterov?: boolean;
}

const cases: readonly Case[] = [
  { rows: 6, columns: 4, samples: 3, classes: 6 },
  { rows: 1, columns: 1, samples: 1, classes: 1 },
  { rows: 9, columns: 5, samples: 4, classes: 1, nesterov: true },
  { rows: 30, columns: 7, samples: 5, classes: 12 },
  { rows: 30, columns: 7, samples: 5, classes: 12, keep: false },
  { rows: 30, columns: 7, samples: 6, classes: 20, filter: 0.2 },
  { rows: 30, columns: 7, samples: 6, classes: 20, filter: 0.2, keep: false, nesterov: true },
  { rows: 5, columns: 3, samples: 3, classes: 5, zero: true },
  { rows: 5, columns: 3, samples: 2, classes: 0 },
  { rows: 5, columns: 3, samples: 2, classes: 0, keep: false },
];

type Open = (engine: GpuEngine, rows: number, columns: number, initialize: RowInitializer) => RowStore;

const places: Readonly<Record<string, Open>> = {
  "resident in chunks": (engine, rows, columns, initialize) =>
    new ResidentRowStore(engine, rows, columns, { initialize, chunkElements: 4 * columns }),
  streamed: (engine, rows, columns, initialize) => new StreamedRowStore(engine, rows, columns, initialize),
};

const SCALE = 16;

/** All that a sweep answers and writes, with made-up gradients of its loss. */
async function results(
  engine: Engine,
  given: Case,
  open: (rows: number, columns: number, initialize: RowInitializer) => RowStore,
): Promise<Record<string, readonly number[]>> {
  const { rows, columns, samples, classes, filter = 0, keep, zero = false, nesterov = false } = given;
  const random = stream("sweep", rows, columns, samples, classes);
  const draw = (count: number, scale = 1): Float32Array =>
    Float32Array.from({ length: count }, () => scale * random.normal());
  const table = draw(rows * columns);
  if (zero) table.fill(0, 0, columns);
  const speeds = draw(rows * columns, 0.1);
  const store = open(rows, columns, (row, target, offset) =>
    target.set(table.subarray(row * columns, (row + 1) * columns), offset),
  );
  const velocity = store.beside();
  velocity.load(0, engine.float === "float64" ? Float64Array.from(speeds) : speeds);
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  random.shuffle(order);
  const index = zero ? order.slice().sort() : order.slice(0, classes).sort();
  const labels = Int32Array.from({ length: samples }, (_, n) =>
    classes === 0 || n % 3 === 2 ? -1 : random.integer(classes),
  );
  const rule: SgdRule = { rate: 0.1, momentum: 0.9, decay: 0.01, nesterov };
  const told = [draw(samples), draw(samples)].map((values) => values.map((value) => value + SCALE));
  const found = engine.scope(() => {
    const { y: x, norm } = engine.normalizeRows(engine.tensor(draw(samples * columns), [samples, columns]), 1e-12);
    const sweep = engine.cosineSweep({ store, index, x, labels, scale: SCALE, filter, keep });
    for (const gone of [x, norm]) gone.dispose();
    const statistics = sweep.statistics();
    const [logSum, targetGradient, factor] = [
      engine.tensor(told[0], [samples]),
      engine.tensor(told[1], [samples]),
      engine.tensor([0.7], []),
    ];
    const dx = sweep.backward(logSum, targetGradient, factor);
    for (const gone of [logSum, targetGradient, factor]) gone.dispose();
    const dw = sweep.gradient();
    sweep.update(velocity, rule);
    return { ...statistics, dx, dw };
  });
  const plain: Record<string, readonly number[]> = {};
  for (const [name, tensor] of Object.entries(found)) {
    plain[name] = [...(await tensor.data())];
    tensor.dispose();
  }
  plain.rows = [...(await store.read(0, rows))];
  plain.velocity = [...(await velocity.read(0, rows))];
  store.dispose();
  velocity.dispose();
  return plain;
}

/**
 * Float32 takes a cosine of E terms off by (E + 4) · 2^-24 at most, of which the scale makes a relative error of an exponential; that of
 * sums and gradients is bounded by it relative to the largest number beside them, but for the few roundings that follow.
 */
function assertNear(
  found: Record<string, readonly number[]>,
  expected: Record<string, readonly number[]>,
  columns: number,
): void {
  const relative = (SCALE * (columns + 4) + 8) * 2 ** -24;
  for (const [name, values] of Object.entries(expected)) {
    const size = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    assert.equal(found[name].length, values.length, name);
    for (const [place, value] of values.entries()) {
      const difference = Math.abs(found[name][place] - value);
      assert.ok(difference <= relative * size, `${name}[${place}]: ${found[name][place]} in place of ${value}`);
    }
  }
}

inEveryMode("a cosine sweep", (engine) => {
  for (const [where, open] of Object.entries(places)) {
    for (const given of cases) {
      it(`is the definition's, ${where}: ${JSON.stringify(given)}`, async () => {
        const reference = new ReferenceEngine("float64");
        const expected = await results(reference, given, (rows, columns, initialize) =>
          reference.rowStore(rows, columns, { initialize }),
        );
        const found = await results(engine(), given, (rows, columns, initialize) =>
          open(engine(), rows, columns, initialize),
        );
        assertNear(found, expected, given.columns);
        assert.equal(engine().memory().tensors, 0);
      });
    }
  }

  const open = (columns = 2): { store: RowStore; begin: (change?: Partial<CosineSweepRequest>) => CosineSweep } => {
    const store = engine().rowStore(5, columns, { initialize: (row, target, offset) => target.set([1, row], offset) });
    const begin = (change: Partial<CosineSweepRequest> = {}): CosineSweep => {
      using x = engine().tensor([1, 0], [1, 2]);
      const labels = Int32Array.of(0);
      return engine().cosineSweep({ store, index: Int32Array.of(0, 3), x, labels, scale: 1, filter: 0, ...change });
    };
    return { store, begin };
  };
  const backward = (sweep: CosineSweep): void =>
    engine().scope(() => {
      sweep.backward(engine().full([1], 1), engine().full([1], 1), engine().full([], 1)).dispose();
    });
  const rule = { rate: 0.1, momentum: 0, decay: 0, nesterov: false };

  it("takes its passes in order, and each with a sentence", () => {
    const { store, begin } = open();
    engine().scope(() => {
      const sweep = begin();
      assert.throws(() => sweep.gradient(), /gradient came before backward/);
      assert.throws(() => sweep.update(undefined, rule), /update came before backward/);
      sweep.statistics();
      backward(sweep);
      assert.throws(() => sweep.statistics(), /statistics came after backward/);
      assert.throws(() => backward(sweep), /backward came after backward/);
      sweep.gradient();
      sweep.gradient();
      sweep.update(undefined, rule);
      for (const pass of [() => sweep.gradient(), () => sweep.update(undefined, rule), () => backward(sweep)]) {
        assert.throws(pass, /after the rows were updated or given up; .* call zeroGrad after each/);
      }
    });
    store.dispose();
  });

  it("refuses what cannot be a sweep, and holds nothing then", () => {
    const { store, begin } = open();
    const refused = (change: Partial<CosineSweepRequest>, message: RegExp): void => {
      assert.throws(() => begin(change), message);
    };
    refused({ index: Int32Array.of(3, 3) }, /rows ascend, each once, within the table of 5; number 1 is 3 after 3/);
    refused({ labels: Int32Array.of(2) }, /places among the 2 rows, or -1; given 2/);
    refused(
      { store: new ReferenceEngine("float32").rowStore(5, 2) },
      /the table is on another engine, "reference, float32"/,
    );
    const sweep = begin();
    engine().scope(() => {
      const [two, scalar] = [engine().full([2], 1), engine().full([], 1)];
      assert.throws(
        () => sweep.backward(two, two, scalar),
        /each of 1 samples, and one factor; given \[2\], \[2\], \[\]/,
      );
    });
    backward(sweep);
    const other = engine().rowStore(4, 2);
    assert.throws(() => sweep.update(other, rule), /kept alike, on one engine; given \[5, 2\].* and \[4, 2\]/);
    for (const gone of [sweep, other, store]) gone.dispose();
    assert.equal(engine().memory().tensors, 0);
  });

  for (const keep of [true, false]) {
    it(`holds ${keep ? "rows and cosines" : "nothing that grows with the sample"} between passes, and gives all back`, async () => {
      const { store, begin } = open();
      const held = (): number => engine().memory().tensors - 1; // the table
      const sweep = begin({ keep });
      assert.equal(held(), 1); // x̂
      engine().scope(() => void sweep.statistics());
      assert.equal(held(), keep ? 3 : 1); // rows, cosines
      backward(sweep);
      assert.equal(held(), keep ? 6 : 4); // slopes in place of cosines, and what backward was told
      engine().scope(() => void sweep.gradient());
      assert.equal(held(), keep ? 6 : 4);
      engine().scope(() => sweep.update(undefined, rule));
      assert.equal(held(), 0);
      const given = begin({ keep });
      engine().scope(() => void given.statistics());
      given.dispose();
      given.dispose();
      assert.equal(held(), 0);
      store.dispose();
      await engine().ready();
    });
  }
});
