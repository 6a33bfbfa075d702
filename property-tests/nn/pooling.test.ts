/** Pooling layers, and the generalised mean (Radenović et al. 2018, equation 3) between the two that everybody knows. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { Variable, constant, sum } from "../../src/autograd/index.js";
import {
  AveragePool2d,
  GeM,
  GlobalAveragePool,
  GlobalMaxPool,
  MaxPool2d,
  evaluating,
  type Module,
} from "../../src/nn/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { arrays, type HostArray } from "../arbitraries/arrays.js";
import { between, moderate } from "../arbitraries/numbers.js";
import { shapes } from "../arbitraries/shapes.js";
import { assertWithin } from "../operations/close.js";
import { engines, exact, roundingOf } from "../engines.js";
import { property } from "../property.js";

const imageShapes = shapes({ minRank: 4, maxRank: 4 });
const positive = imageShapes.chain((shape) => arrays(shape, between(0.01, 4)));
const images = imageShapes.chain((shape) => arrays(shape, moderate()));

function pooled(engine: Engine, module: Module, { values, shape }: HostArray): number[] {
  return engine.scope(() => {
    module.allocate(engine, 0);
    const y = [...module.forward(constant(engine.tensor(values, shape)), evaluating).dataSync()];
    module.dispose();
    return y;
  });
}

/** The planes of [B, C, H, W]. */
function planes({ values, shape }: HostArray): number[][] {
  const size = shape[2] * shape[3];
  return Array.from({ length: values.length / size }, (_, plane) => values.slice(plane * size, (plane + 1) * size));
}

const means = (image: HostArray): number[] =>
  planes(image).map((plane) => plane.reduce((sum, x) => sum + x, 0) / plane.length);
const maxima = (image: HostArray): number[] => planes(image).map((plane) => Math.max(...plane));

/** Sums of at most 25 numbers up to 4: a rounding an addition, and the division. */
const allowedOfMean = (engine: Engine): number => 4 * 27 * roundingOf(engine);

/**
 * Relative, for numbers from 0.01 to 4: a power x^p is computed from p·ln x, so that its relative error is some roundings of that,
 * which the root divides by p again: 8 · |ln 0.01| and as much for the root, and a mean of 25 numbers.
 */
const relativeOfGem = (engine: Engine): number => 110 * roundingOf(engine);

describe("global pooling", () => {
  property("is the mean, and the largest element", [images], (image) => {
    for (const engine of engines) {
      const expected = means(image);
      const average = pooled(engine, new GlobalAveragePool(), image);
      assertWithin(
        average,
        expected,
        expected.map(() => allowedOfMean(engine)),
        engine.name,
      );
      assert.deepEqual(
        pooled(engine, new GlobalMaxPool(), image).map((x) => x + 0),
        maxima(image).map((x) => x + 0),
      );
    }
  });
});

describe("pooling in windows side by side", () => {
  const tiled = fc
    .tuple(...[1, 2, 3, 4].map((max) => fc.integer({ min: 1, max })), fc.integer({ min: 1, max: 3 }))
    .chain(([batch, channels, rows, columns, kernel]) =>
      arrays([batch, channels, rows * kernel, columns * kernel], moderate()).map((image) => ({ image, kernel })),
    );

  property("keeps mean and maximum of every plane", [tiled], ({ image, kernel }) => {
    const { shape } = image;
    const small = [shape[0], shape[1], shape[2] / kernel, shape[3] / kernel];
    for (const engine of engines) {
      const averages = pooled(engine, new AveragePool2d({ kernel }), image);
      const expected = means(image);
      const allowed = expected.map(() => 2 * allowedOfMean(engine));
      assertWithin(means({ shape: small, values: averages }), expected, allowed, engine.name);
      const largest = maxima({ shape: small, values: pooled(engine, new MaxPool2d({ kernel }), image) });
      assert.deepEqual(
        largest.map((x) => x + 0),
        maxima(image).map((x) => x + 0),
        engine.name,
      );
    }
  });
});

describe("the generalised mean", () => {
  const powers = fc.oneof(fc.constantFrom(1, 2, 3), between(1, 12));
  const learned = fc.boolean();

  property("is the mean at p = 1", [positive, learned], (image, learned) => {
    for (const engine of engines) {
      const expected = means(image);
      const allowed = expected.map((mean) => relativeOfGem(engine) * mean);
      assertWithin(pooled(engine, new GeM({ power: 1, learned }), image), expected, allowed, engine.name);
    }
  });

  property(
    "lies between mean and maximum, and grows with p",
    [positive, powers, powers, learned],
    (image, p, q, learned) => {
      for (const engine of engines) {
        const [lower, upper] = [Math.min(p, q), Math.max(p, q)].map((power) =>
          pooled(engine, new GeM({ power, learned }), image),
        );
        const [mean, maximum] = [means(image), maxima(image)];
        for (const [plane, y] of lower.entries()) {
          const slack = relativeOfGem(engine) * maximum[plane];
          assert.ok(y >= mean[plane] - slack, `${engine.name}: ${y} is below the mean ${mean[plane]}`);
          assert.ok(upper[plane] >= y - slack, `${engine.name}: p = ${upper[plane]} is below ${y}`);
          assert.ok(
            upper[plane] <= maximum[plane] + slack,
            `${engine.name}: ${upper[plane]} is above ${maximum[plane]}`,
          );
          // n of n elements at the maximum at most, one at least: max · n^(−1/p) ≤ y
          const least = maximum[plane] * (image.shape[2] * image.shape[3]) ** (-1 / Math.max(p, q));
          assert.ok(upper[plane] >= least - slack, `${engine.name}: ${upper[plane]} is below ${least}`);
        }
      }
    },
  );

  property(
    "scales with its input, as long as nothing falls under its floor",
    [positive, powers, fc.constantFrom(2 ** -12, 0.5, 4, 2 ** 80)],
    (image, power, factor) => {
      const scaled = { ...image, values: image.values.map((value) => factor * value) };
      for (const engine of engines) {
        const expected = pooled(engine, new GeM({ power }), image).map((y) => factor * y);
        const allowed = expected.map((y) => 2 * relativeOfGem(engine) * y);
        assertWithin(pooled(engine, new GeM({ power }), scaled), expected, allowed, engine.name);
      }
    },
  );

  property("takes everything below its floor for the floor", [images, powers], (image, power) => {
    const floor = 0.125;
    const lifted = { ...image, values: image.values.map((value) => Math.max(value, floor)) };
    for (const engine of engines) {
      const options = { power, epsilon: floor };
      assert.deepEqual(pooled(engine, new GeM(options), image), pooled(engine, new GeM(options), lifted), engine.name);
    }
  });

  property(
    "has the derivatives of the formula, by its input and by a learned power",
    [positive, powers, fc.boolean()],
    (image, power, sunk) =>
      exact.scope(() => {
        const floor = sunk ? 0.125 : 1e-6; // some cells lie below the first, none below the second
        const pool = new GeM({ power, learned: true, epsilon: floor }).allocate(exact, 0);
        const x = new Variable(exact.tensor(image.values, image.shape), true);
        sum(pool.forward(x)).backward();
        const slopes: number[] = [];
        let byPower = 0;
        for (const plane of planes(image)) {
          const lifted = plane.map((value) => Math.max(value, floor));
          const meanOf = (f: (z: number) => number): number =>
            lifted.reduce((total, z) => total + f(z), 0) / plane.length;
          const mean = meanOf((z) => z ** power);
          for (const [at, z] of lifted.entries())
            slopes.push(plane[at] < floor ? 0 : (mean ** (1 / power - 1) * z ** (power - 1)) / plane.length);
          const weighted = meanOf((z) => z ** power * Math.log(z));
          byPower += mean ** (1 / power) * (weighted / (power * mean) - Math.log(mean) / power ** 2);
        }
        // ln z of -2 to 2 cancels between the two terms: rounding is relative to them, not to what is left
        const size = planes(image).length * 20;
        assertWithin(x.grad!.dataSync(), slopes, slopes.map((s) => 4 * relativeOfGem(exact) * s), "dy/dx"); // prettier-ignore
        assertWithin(pool.p!.variable.grad!.dataSync(), [byPower], [size * relativeOfGem(exact)], "dy/dp");
        x.zeroGrad();
        pool.p!.variable.zeroGrad();
        pool.dispose();
      }),
  );
});
