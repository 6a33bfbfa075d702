/** The kernel behind k-means: every engine finds what a plain search finds, and the wasm engine the same bits however work is divided. */
import assert from "node:assert/strict";
import { after, describe } from "node:test";
import fc from "fast-check";
import type { Engine } from "../../src/tensor/engine.js";
import { RoundoffEngine } from "../../src/tensor/engines/roundoff/index.js";
import { NO_SCORE } from "../../src/tensor/nearestRows.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { hashNormal, stream } from "../../src/tensor/random.js";
import { inEveryMode } from "../../test/tensor/engines/gpu/inEveryMode.js";
import { arrays, type HostArray } from "../arbitraries/arrays.js";
import { single } from "../engines.js";
import { property } from "../property.js";

const two = await openEngine("wasm", { threads: 2 });
after(() => two.close());

interface Search {
  readonly x: HostArray;
  readonly centers: HostArray;
  readonly bias: HostArray;
}

function searches(): fc.Arbitrary<Search> {
  const sizes = fc.record({
    n: fc.integer({ min: 1, max: 40 }),
    m: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constantFrom(64, 255, 256, 257)),
    k: fc.integer({ min: 1, max: 40 }),
  });
  return sizes.chain(({ n, m, k }) => fc.record({ x: arrays([n, m]), centers: arrays([k, m]), bias: arrays([k]) }));
}

function tensorsOf(engine: Engine, { x, centers, bias }: Search) {
  const [a, b, c] = [x, centers, bias].map(({ values, shape }) => engine.tensor(values, shape));
  return engine.nearestRows(a, b, c);
}

async function read(engine: Engine, search: Search): Promise<ArrayLike<number>[]> {
  const { index, best, second } = engine.scope(() => tensorsOf(engine, search));
  const found = await Promise.all([index, best, second].map((tensor) => tensor.data()));
  for (const tensor of [index, best, second]) tensor.dispose();
  return found;
}

/** Against scores of the host in float64, within what float32 may lose: one of the best, its score, and the best of the others. */
async function check(engine: Engine, search: Search): Promise<void> {
  const [index, best, second] = await read(engine, search);
  const roundoff = new RoundoffEngine();
  const bounds = tensorsOf(roundoff, search);
  const [wrongIndex, wrongBest, wrongSecond] = [bounds.index, bounds.best, bounds.second].map((each) =>
    roundoff.errorOf(each),
  );
  const [columns, count] = [search.x.shape[1], search.bias.values.length];
  for (let i = 0; i < index.length; i++) {
    const scores = search.bias.values.map((bias, j) => {
      const products = Array.from(
        { length: columns },
        (_, k) => search.x.values[i * columns + k] * search.centers.values[j * columns + k],
      );
      return products.reduce((sum, product) => sum + product, 0) + bias;
    });
    const sorted = scores.toSorted((a, b) => b - a);
    assert.ok(index[i] >= 0 && index[i] < count, `row ${i}: index ${index[i]}`);
    if (wrongIndex[i] === 0) assert.equal(index[i], scores.indexOf(sorted[0]), `row ${i}`);
    assert.ok(scores[index[i]] >= sorted[0] - 2 * wrongBest[i], `row ${i}: ${scores[index[i]]} under ${sorted[0]}`);
    assert.ok(Math.abs(best[i] - sorted[0]) <= wrongBest[i], `row ${i}: best ${best[i]}, not ${sorted[0]}`);
    if (count > 1) {
      assert.ok(Math.abs(second[i] - sorted[1]) <= wrongSecond[i], `row ${i}: second ${second[i]}, not ${sorted[1]}`);
    }
  }
}

/** Whole numbers, of which many scores are equal, and each is exact in float32 whatever the order of its sum. */
function wholeSearches(): fc.Arbitrary<Search> {
  const whole = fc.integer({ min: -1, max: 1 });
  const sizes = fc.record({
    n: fc.integer({ min: 1, max: 9 }),
    m: fc.integer({ min: 1, max: 3 }),
    k: fc.integer({ min: 1, max: 40 }),
  });
  return sizes.chain(({ n, m, k }) =>
    fc.record({ x: arrays([n, m], whole), centers: arrays([k, m], whole), bias: arrays([k], whole) }),
  );
}

/** To the bit: the lowest number of those that are best, and the best of the others, which may be as good. */
async function checkTies(engine: Engine, search: Search): Promise<void> {
  const [index, best, second] = await read(engine, search);
  const columns = search.x.shape[1];
  for (let i = 0; i < index.length; i++) {
    const scores = search.bias.values.map((bias, j) =>
      search.x.values
        .slice(i * columns, (i + 1) * columns)
        .reduce((sum, value, k) => sum + value * search.centers.values[j * columns + k], bias),
    );
    const first = scores.indexOf(Math.max(...scores));
    const others = scores.filter((_, j) => j !== first);
    const expected = [first, scores[first], others.length > 0 ? Math.max(...others) : Math.fround(NO_SCORE)];
    assert.deepEqual([index[i], Math.fround(best[i] + 0), Math.fround(second[i] + 0)], expected.map((value) => value + 0), `row ${i}`); // prettier-ignore
  }
}

describe("nearestRows", () => {
  for (const engine of single) {
    property(`finds what a plain search finds on ${engine.name}`, [searches()], (search) => check(engine, search));
    property(`gives ties to the lowest number on ${engine.name}`, [wholeSearches()], (search) =>
      checkTies(engine, search),
    );
  }

  property(
    "has the same bits on two threads, and for rows and centers moved elsewhere",
    [fc.integer({ min: 1, max: 700 }), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 20, max: 90 }), fc.nat()],
    async (n, m, k, seed) => {
      const key = stream(seed, "nearestRows").key();
      const normal = (table: number, rows: number, columns: number): HostArray => {
        const values = Array.from({ length: rows * columns }, (_, i) => Math.fround(hashNormal(key, table, i)));
        return { shape: [rows, columns], values };
      };
      const search = { x: normal(0, n, m), centers: normal(1, k, m), bias: { ...normal(2, k, 1), shape: [k] } };
      const [one] = single.filter(({ kind }) => kind === "wasm");
      const found = await read(one, search);
      assert.deepEqual(await read(two, search), found);

      // one row alone, and the centers in reverse
      const row = seed % n;
      const alone = { ...search, x: { shape: [1, m], values: search.x.values.slice(row * m, (row + 1) * m) } };
      assert.deepEqual(
        (await read(one, alone)).map((part) => part[0]),
        found.map((part) => part[row]),
      );
      const order = Array.from({ length: k }, (_, j) => k - 1 - j);
      const turned = {
        x: search.x,
        centers: {
          shape: [k, m],
          values: order.flatMap((j) => search.centers.values.slice(j * m, (j + 1) * m)),
        },
        bias: { shape: [k], values: order.map((j) => search.bias.values[j]) },
      };
      const [index, best, second] = await read(one, turned);
      assert.deepEqual([best, second], found.slice(1));
      const isTied = (i: number): boolean => best[i] === second[i];
      for (let i = 0; i < n; i++) if (!isTied(i)) assert.equal(k - 1 - index[i], found[0][i]);
    },
    { runs: 30 },
  );
});

inEveryMode("nearestRows of", (engine) => {
  property("finds what a plain search finds", [searches()], (search) => check(engine(), search), { runs: 20 });
  property("gives ties to the lowest number", [wholeSearches()], (search) => checkTies(engine(), search), { runs: 20 });
});
