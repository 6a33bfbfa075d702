/** The cosine sweep of the GPU engine, in all columns or in some, is that of the definition in float64, wherever the table lies. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Engine } from "../../src/tensor/engine.js";
import type { GpuEngine } from "../../src/tensor/engines/gpu/gpuEngine.js";
import { ResidentRowStore } from "../../src/tensor/engines/gpu/residentRowStore.js";
import { StreamedRowStore } from "../../src/tensor/engines/gpu/streamedRowStore.js";
import { hashNormal, hashUniform, stream } from "../../src/tensor/random.js";
import type { RowInitializer, RowStore } from "../../src/tensor/rowStore.js";
import { inEveryMode } from "../../test/tensor/engines/gpu/inEveryMode.js";
import { exact } from "../engines.js";
import { property } from "../property.js";

interface Sweep {
  readonly key: number;
  readonly rows: number;
  /** E, and how many of them are compared. */
  readonly columns: number;
  readonly compared: number;
  readonly samples: number;
  /** Of every row's chance to take part. */
  readonly share: number;
  readonly filter: number;
  readonly keep: boolean;
  readonly nesterov: boolean;
}

const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const sweeps: fc.Arbitrary<Sweep> = upTo(9).chain((columns) =>
  fc.record({
    key: fc.nat(),
    rows: upTo(25),
    columns: fc.constant(columns),
    compared: upTo(columns),
    samples: upTo(6),
    share: fc.constantFrom(0.3, 0.7, 1),
    filter: fc.constantFrom(0, 0.3),
    keep: fc.boolean(),
    nesterov: fc.boolean(),
  }),
);

const SCALE = 8;
/** Cosines that the filter tells apart for certain. */
const CLEAR = 1e-4;

/** What is the same on every engine: float32 numbers, hashed from the key. */
function valuesOf({ key, rows, columns, compared, samples, share }: Sweep) {
  const name = stream(key, "sweep").key();
  const normal = (table: number, length: number): Float32Array =>
    Float32Array.from({ length }, (_, i) => hashNormal(name, table, i));
  const chosen = Int32Array.from({ length: columns }, (_, column) => column);
  stream(key, "columns").shuffle(chosen);
  const index = Int32Array.from({ length: rows }, (_, row) => row).filter((row) => hashUniform(name, 5, row) < share);
  const labels = Int32Array.from({ length: samples }, (_, n) =>
    index.length === 0 || n % 3 === 2 ? -1 : Math.floor(index.length * hashUniform(name, 6, n)),
  );
  return {
    table: normal(0, rows * columns),
    speeds: normal(1, rows * columns),
    x: normal(2, samples * compared),
    told: [normal(3, samples), normal(4, samples)].map((values) => values.map((value) => value + SCALE)),
    columns: compared < columns ? chosen.subarray(0, compared) : undefined,
    index,
    labels,
  };
}

/** No wrong class lies where rounding decides about the filter. */
function isClear(given: Sweep): boolean {
  const { table, x, columns: chosen, index } = valuesOf(given);
  const { columns, compared, samples, filter } = given;
  const picked = chosen ?? Int32Array.from({ length: columns }, (_, column) => column);
  for (let n = 0; n < samples; n++) {
    const query = x.subarray(n * compared, (n + 1) * compared);
    for (const row of index) {
      const center = Array.from(picked, (column) => table[row * columns + column]);
      const product = center.reduce((sum, value, k) => sum + value * query[k], 0);
      if (Math.abs(product / (Math.hypot(...center) * Math.hypot(...query)) - filter) < CLEAR) return false;
    }
  }
  return true;
}

type Open = (rows: number, columns: number, initialize: RowInitializer) => RowStore;

/** All that a sweep answers and writes, with made-up gradients of its loss. */
async function answersOf(engine: Engine, given: Sweep, open: Open): Promise<Record<string, number[]>> {
  const { rows, columns, compared, samples, filter, keep, nesterov } = given;
  const { table, speeds, x, told, columns: chosen, index, labels } = valuesOf(given);
  const store = open(rows, columns, (row, to, at) => to.set(table.subarray(row * columns, (row + 1) * columns), at));
  const velocity = store.beside();
  velocity.load(0, engine.float === "float64" ? Float64Array.from(speeds) : speeds);
  const found = engine.scope(() => {
    const { y: units } = engine.normalizeRows(engine.tensor(x, [samples, compared]), 1e-12);
    const request = { store, index, x: units, labels, columns: chosen, scale: SCALE, filter, keep };
    const sweep = engine.cosineSweep(request);
    const statistics = sweep.statistics();
    const [logSum, targetGradient] = told.map((values) => engine.tensor(values, [samples]));
    const dx = sweep.backward(logSum, targetGradient, engine.tensor([0.5], []));
    const dw = sweep.gradient();
    sweep.update(velocity, { rate: 0.125, momentum: 0.5, decay: 0.25, nesterov });
    return { ...statistics, dx, dw };
  });
  const answers: Record<string, number[]> = {};
  for (const [name, tensor] of Object.entries(found)) {
    answers[name] = Array.from(await tensor.data());
    tensor.dispose();
  }
  answers.rows = Array.from(await store.read(0, rows));
  answers.velocity = Array.from(await velocity.read(0, rows));
  velocity.dispose();
  store.dispose();
  return answers;
}

/**
 * A cosine of F terms is off by (F + 4) · 2^-24 at most, and the scale makes a relative error of an exponential of it. Sums and gradients are off
 * by as much relative to the largest number beside them, but for the few roundings that follow, and to what they are made of: slopes, which
 * cancel where a center lies on its sample, and a short center makes long gradients of them.
 */
function assertNear(found: Record<string, number[]>, expected: Record<string, number[]>, given: Sweep): void {
  const { table, told, columns: chosen, index } = valuesOf(given);
  const { columns, compared, samples } = given;
  const relative = (SCALE * (compared + 4) + 8) * 2 ** -24;
  const slope = Math.max(...told[1].map(Math.abs), ...told[0].map((logSum) => Math.exp(SCALE - logSum)));
  const lengths = Array.from(index, (row) =>
    Math.hypot(...table.subarray(row * columns, (row + 1) * columns).filter((_, c) => chosen?.includes(c) ?? true)),
  );
  const ofGradients = (samples * slope) / Math.min(1, ...lengths);
  for (const [name, values] of Object.entries(expected)) {
    const size = values.reduce(
      (most, value) => Math.max(most, Math.abs(value)),
      ["dx", "dw", "rows", "velocity"].includes(name) ? ofGradients : 0,
    );
    assert.equal(found[name].length, values.length, name);
    for (const [place, value] of values.entries()) {
      const off = Math.abs(found[name][place] - value);
      if (off > relative * size) assert.fail(`${name}[${place}]: ${found[name][place]}, not ${value}`);
    }
  }
}

inEveryMode("a cosine sweep", (engine) => {
  const places: Readonly<Record<string, (engine: GpuEngine) => Open>> = {
    "resident in chunks": (gpu) => (rows, columns, initialize) =>
      new ResidentRowStore(gpu, rows, columns, { initialize, chunkElements: 4 * columns }),
    streamed: (gpu) => (rows, columns, initialize) => new StreamedRowStore(gpu, rows, columns, initialize),
  };
  property(
    "compares, differentiates and updates as the definition does, in some of the columns or all",
    [sweeps.filter(isClear)],
    async (given) => {
      const expected = await answersOf(exact, given, (rows, columns, initialize) =>
        exact.rowStore(rows, columns, { initialize }),
      );
      for (const open of Object.values(places)) {
        assertNear(await answersOf(engine(), given, open(engine())), expected, given);
        assert.equal(engine().memory().tensors, 0);
      }
    },
    { runs: 25 },
  );

  property(
    "leaves columns that were not compared without a gradient, exactly",
    [sweeps.filter(({ columns, compared }) => compared < columns)],
    async (given) => {
      const { columns: chosen } = valuesOf(given);
      const { dw } = await answersOf(engine(), given, places.streamed(engine()));
      for (const [at, value] of dw.entries()) if (!chosen!.includes(at % given.columns)) assert.equal(value, 0);
    },
    { runs: 10 },
  );
});
