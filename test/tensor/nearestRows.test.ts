import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import type { Engine } from "../../src/tensor/engine.js";
import { nearestRows } from "../../src/tensor/engines/gpu/nearestRows.js";
import { NO_SCORE } from "../../src/tensor/nearestRows.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { inEveryMode } from "./engines/gpu/inEveryMode.js";

const engines = [await openEngine("reference", { float: "float64" }), await openEngine("wasm", { threads: 1 })];
after(async () => {
  for (const engine of engines) await engine.close();
});

interface Found {
  readonly index: number[];
  readonly best: number[];
  readonly second: number[];
}

async function nearest(engine: Engine, x: number[][], centers: number[][], bias: number[]): Promise<Found> {
  const table = (rows: number[][]) => engine.tensor(rows.flat(), [rows.length, rows[0].length]);
  const { index, best, second } = engine.scope(() =>
    engine.nearestRows(table(x), table(centers), engine.tensor(bias, [bias.length])),
  );
  const found = {
    index: [...(await index.data())],
    best: [...(await best.data())],
    second: [...(await second.data())],
  };
  for (const tensor of [index, best, second]) tensor.dispose();
  return found;
}

function examples(engine: () => Engine): void {
  it("names the largest inner product and the one behind it", async () => {
    const found = await nearest(engine(), [[1, 0], [0, 2]], [[1, 0], [0, 1], [3, -1]], [0, 0, 0]); // prettier-ignore
    assert.deepEqual(found, { index: [2, 1], best: [3, 2], second: [1, 0] });
  });

  it("with half the squared norms taken off names the nearest row", async () => {
    const found = await nearest(engine(), [[2, 0]], [[1, 0], [5, 0], [0, 0]], [-0.5, -12.5, 0]); // prettier-ignore
    assert.deepEqual(found, { index: [0], best: [1.5], second: [0] }); // squared distances 4 − 2 · 1.5 = 1 and 4
  });

  it("takes the first of equal rows, and the same score as the second", async () => {
    const centers = Array.from({ length: 19 }, (_, j) => [j % 9 === 5 ? 1 : 0]); // 5 and 14
    assert.deepEqual(await nearest(engine(), [[1], [-1]], centers, new Array<number>(19).fill(0)), {
      index: [5, 0],
      best: [1, 0],
      second: [1, 0],
    });
  });

  it("of one row has no second", async () => {
    const { index, best, second } = await nearest(engine(), [[2]], [[3]], [1]);
    assert.deepEqual([index, best], [[0], [7]]);
    assert.equal(Math.fround(second[0]), Math.fround(NO_SCORE));
  });

  it("refuses shapes that do not fit", () => {
    const search = (...[x, centers, bias]: number[][]) =>
      engine().scope(() => {
        engine().nearestRows(engine().full(x, 0), engine().full(centers, 0), engine().full(bias, 0));
      });
    assert.throws(() => search([2, 3], [4, 2], [4]), /queries \[N, M\] meet .* given \[2, 3\], \[4, 2\], \[4\]/);
    assert.throws(() => search([2, 3], [0, 3], [0]), /1 to 16777216 rows; given 0/);
  });
}

for (const engine of engines) {
  describe(`nearestRows on ${engine.name}`, () => {
    examples(() => engine);

    it("never lets a NaN win", async () => {
      const found = await nearest(engine, [[NaN], [1]], [[1], [2], [NaN], [3]], [0, 0, 0, NaN]);
      assert.equal(found.index[1], 1);
      assert.deepEqual([found.best[1], found.second[1]], [2, 1]);
      assert.equal(found.index[0], 0); // no score at all
      assert.equal(Math.fround(found.best[0]), Math.fround(NO_SCORE));
    });

    it("of no queries is empty", async () => {
      const empty = engine.nearestRows(engine.full([0, 2], 0), engine.full([3, 2], 0), engine.full([3], 0));
      assert.deepEqual(empty.index.shape, [0]);
    });
  });
}

inEveryMode("nearestRows of", (engine) => {
  examples(engine);

  it("takes many rows a part at a time", async () => {
    const { index, best, second } = engine().scope(() => {
      const [x, centers] = [engine().tensor([1, -2, 3, -4, 5], [5, 1]), engine().tensor([-1, 1], [2, 1])];
      return nearestRows(engine(), x, centers, engine().full([2], 0), 4); // two rows at once
    });
    assert.deepEqual([...(await index.data())], [1, 0, 1, 0, 1]);
    assert.deepEqual([...(await best.data())], [1, 2, 3, 4, 5]);
    assert.deepEqual([...(await second.data())], [-1, -2, -3, -4, -5]);
    for (const tensor of [index, best, second]) tensor.dispose();
  });
});
