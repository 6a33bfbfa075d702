/** Sums and statistics of the wasm engine, where plain float32 arithmetic would lose digits. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Engine } from "../../../../src/tensor/engine.js";
import { openEngine } from "../../../../src/tensor/openEngine.js";
import { stream } from "../../../../src/tensor/random.js";

/** Half a unit in the last place, relative. */
const ROUNDING = 2 ** -24;

describe("accuracy", () => {
  let engine: Engine;
  before(async () => {
    engine = await openEngine("wasm", { threads: 2 });
  });
  after(() => engine.close());

  function normal(size: number, mean: number, deviation: number): Float32Array {
    const random = stream("accuracy", size, mean);
    return Float32Array.from({ length: size }, () => mean + deviation * random.normal());
  }

  const close = (actual: number, expected: number, tolerance: number, what: string): void => {
    assert.ok(Math.abs(actual - expected) <= tolerance, `${what} is ${actual}, should be ${expected} ± ${tolerance}`);
  };

  it("a sum is the exact sum rounded once, whatever the length", () => {
    for (const size of [10, 1000, 100_000, 1_000_003]) {
      const values = normal(size, 1, 1);
      const exact = values.reduce((sum, value) => sum + value, 0);
      const sum = engine.scope(() => engine.reduce("sum", engine.tensor(values, [size]), [0], false).dataSync()[0]);
      // once for the result, and the order of a sum in float64
      close(sum, exact, exact * (ROUNDING + size * 2 ** -53), `the sum of ${size}`);
    }
  });

  it("a sum over several axes is as exact, rounded once a pass", () => {
    const values = normal(64 * 8 * 333, 1, 1);
    const sums = engine.scope(() =>
      engine.reduce("sum", engine.tensor(values, [64, 8, 333]), [0, 2], false).dataSync(),
    );
    for (let channel = 0; channel < 8; channel++) {
      let exact = 0;
      let size = 0;
      for (const [i, value] of values.entries()) {
        if (Math.floor(i / 333) % 8 !== channel) continue;
        exact += value;
        size += Math.abs(value);
      }
      close(sums[channel], exact, 2 * ROUNDING * size, `channel ${channel}`);
    }
  });

  for (const [mean, deviation] of [
    [0, 1],
    [1000, 1],
    [-30_000, 0.5],
  ]) {
    it(`batch norm at mean ${mean} and deviation ${deviation} is as exact as float32 allows`, () => {
      const [batch, channels, inner] = [16, 3, 77];
      const values = normal(batch * channels * inner, mean, deviation);
      const {
        y,
        mean: means,
        variance,
      } = engine.scope(() => {
        const x = engine.tensor(values, [batch, channels, inner]);
        const result = engine.batchNorm(x, engine.full([channels], 1), engine.full([channels], 0), 1e-5);
        return { y: result.y.dataSync(), mean: result.mean.dataSync(), variance: result.variance.dataSync() };
      });
      for (let channel = 0; channel < channels; channel++) {
        const places = [...values.keys()].filter((i) => Math.floor(i / inner) % channels === channel);
        const average = places.reduce((sum, i) => sum + values[i], 0) / places.length;
        // Distances (to the mean of the first image) and their squares are rounded, and added up to 33 times in float32 before
        // they go into a double; the results are rounded once more.
        const spread = places.reduce((sum, i) => sum + (values[i] - average) ** 2, 0) / places.length;
        close(means[channel], average, (Math.abs(average) + 34 * Math.sqrt(spread)) * ROUNDING, "mean");
        close(variance[channel], spread, spread * 36 * ROUNDING, "variance");
        for (const i of places) {
          const exact = (values[i] - average) / Math.sqrt(spread + 1e-5);
          // as much again for a product, a sum and rounded coefficients; the inverse deviation has half the variance's error
          close(y[i], exact, (Math.abs(exact) + 1) * 40 * ROUNDING, `y at ${i}`);
        }
      }
    });
  }

  it("the derivative of batch norm does not see a constant added to x", () => {
    const [batch, channels, inner] = [8, 2, 50];
    const size = batch * channels * inner;
    const whole = normal(size, 0, 1).map((value) => Math.round(value * 256) / 256); // exact after adding 4096
    const gradient = normal(size, 0, 1);
    const gradientAt = (constant: number): Float32Array =>
      engine.scope(() => {
        const x = engine.tensor(
          whole.map((value) => value + constant),
          [batch, channels, inner],
        );
        const weight = engine.full([channels], 1);
        const { mean, inverseDeviation } = engine.batchNorm(x, weight, weight, 1e-5);
        const dy = engine.tensor(gradient, [batch, channels, inner]);
        return engine.batchNormGradient(dy, x, weight, mean, inverseDeviation).dx.dataSync() as Float32Array;
      });
    const plain = gradientAt(0);
    for (const [i, value] of gradientAt(4096).entries()) close(value, plain[i], 40 * ROUNDING, `dx at ${i}`);
  });

  it("softmax rows sum to 1 over 10,000 columns, also far from zero", () => {
    for (const mean of [0, 1e4, -1e4]) {
      const y = engine.scope(() => engine.softmaxRows(engine.tensor(normal(10_000, mean, 3), [1, 10_000])).dataSync());
      let sum = 0;
      for (const value of y) sum += value;
      close(sum, 1, 4 * ROUNDING, "the sum");
    }
  });

  it("row norms neither overflow nor vanish", () => {
    for (const scale of [1e-30, 1, 1e30]) {
      const { y, norm } = engine.scope(() => {
        const result = engine.normalizeRows(engine.tensor([3 * scale, 4 * scale], [1, 2]), 1e-38);
        return { y: result.y.dataSync(), norm: result.norm.dataSync()[0] };
      });
      close(norm, 5 * scale, 5 * scale * 3 * ROUNDING, "norm");
      close(y[0], 0.6, 3 * ROUNDING, "y[0]");
      close(y[1], 0.8, 3 * ROUNDING, "y[1]");
    }
  });
});
