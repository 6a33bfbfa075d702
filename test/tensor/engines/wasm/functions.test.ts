/**
 * Accuracy of the vector functions, in units in the last place of the exact result, over their whole range.
 *
 * Exact values are those of Math in float64, whose own errors are 2^-29 of a float32 unit; erf is the one exception, see below.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Engine, UnaryName } from "../../../../src/tensor/engine.js";
import { openEngine } from "../../../../src/tensor/openEngine.js";
import { stream } from "../../../../src/tensor/random.js";

/** The distance of neighbouring float32 numbers around x. */
function unit(x: number): number {
  return 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(x)))) - 23);
}

/** erf by its Maclaurin series (below 3) and by the continued fraction of its complement (from 3 on), both to double precision. */
function erf(x: number): number {
  const size = Math.abs(x);
  if (size < 3) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (size + fraction);
  return Math.sign(x) * (1 - Math.exp(-x * x) / (Math.sqrt(Math.PI) * (size + fraction)));
}

describe("vector functions", () => {
  let engine: Engine;
  before(async () => {
    engine = await openEngine("wasm", { threads: 1 });
  });
  after(() => engine.close());

  function worst(name: UnaryName, exact: (x: number) => number, inputs: Float32Array): { units: number; at: number } {
    const y = engine.scope(() => engine.unary(name, engine.tensor(inputs, [inputs.length])).dataSync());
    const result = { units: 0, at: NaN };
    for (const [i, x] of inputs.entries()) {
      const expected = exact(x);
      if (Math.fround(expected) === y[i]) continue;
      const units = Math.abs(y[i] - expected) / unit(expected);
      if (!(units <= result.units)) Object.assign(result, { units, at: x });
    }
    return result;
  }

  const uniform = (low: number, high: number): Float32Array => {
    const random = stream("functions", low, high);
    return Float32Array.from({ length: 200_000 }, () => low + (high - low) * random.uniform());
  };
  /** Both signs, all orders of magnitude from 2^low to 2^high. */
  const magnitudes = (low: number, high: number, signs = [1, -1]): Float32Array =>
    uniform(low, high).map((exponent, i) => signs[i % signs.length] * 2 ** exponent);

  for (const [name, exact, inputs, bound] of [
    ["exp", Math.exp, uniform(-104, 89), 2],
    ["exp", Math.exp, magnitudes(-30, 6), 2],
    ["log", Math.log, magnitudes(-149, 127, [1]), 2],
    ["log", Math.log, uniform(0.5, 2), 2],
    ["sigmoid", (x: number) => 1 / (1 + Math.exp(-x)), uniform(-87, 40), 2.5],
    ["tanh", Math.tanh, magnitudes(-30, 4), 3],
    ["tanh", Math.tanh, uniform(-1, 1), 3],
    ["erf", erf, magnitudes(-30, 3), 3],
    ["erf", erf, uniform(-4, 4), 3],
    ["sin", Math.sin, uniform(-100, 100), 2],
    ["cos", Math.cos, uniform(-100, 100), 2],
    ["arccos", Math.acos, uniform(-1, 1), 2],
  ] as const) {
    it(`${name} from ${Math.min(...inputs.slice(0, 1000)).toPrecision(2)} errs by under ${bound} units`, () => {
      const { units, at } = worst(name, exact, inputs);
      assert.ok(units < bound, `${units} units at ${at}`);
    });
  }

  it("have the right limits", () => {
    const of = (name: UnaryName, ...x: number[]): number[] =>
      engine.scope(() => [...engine.unary(name, engine.tensor(x, [x.length])).dataSync()]);
    assert.deepEqual(of("exp", Infinity, -Infinity, NaN, 0, -0, 88.8, 1e30, -104, -1e30), [
      Infinity,
      0,
      NaN,
      1,
      1,
      Infinity,
      Infinity,
      0,
      0,
    ]);
    assert.deepEqual(of("exp", 88.72283)[0], Math.fround(Math.exp(Math.fround(88.72283))));
    assert.deepEqual(of("log", Infinity, 0, -1, -Infinity, NaN, 1), [Infinity, -Infinity, NaN, NaN, NaN, 0]);
    assert.deepEqual(of("sigmoid", Infinity, -Infinity, NaN, 0), [1, 0, NaN, 0.5]);
    assert.deepEqual(of("tanh", Infinity, -Infinity, NaN, 0), [1, -1, NaN, 0]);
    assert.deepEqual(of("erf", Infinity, -Infinity, NaN, 0, 5), [1, -1, NaN, 0, 1]);
    assert.deepEqual(of("sign", 3, -2, 0, NaN), [1, -1, 0, NaN]);
    assert.deepEqual(of("sqrt", 4, -1, Infinity), [2, NaN, Infinity]);
  });

  it("give an element the same bits wherever it stands in a tensor", () => {
    // 1 … 9 elements: every place in a vector of four, and every length of the rest
    for (const name of ["exp", "log", "tanh", "sigmoid", "erf", "sin"] satisfies UnaryName[]) {
      const [alone] = engine.scope(() => engine.unary(name, engine.tensor([0.3], [1])).dataSync());
      for (let size = 1; size < 10; size++) {
        const all = engine.scope(() => engine.unary(name, engine.full([size], 0.3)).dataSync());
        assert.ok(all.every((value) => value === alone));
      }
    }
  });
});
