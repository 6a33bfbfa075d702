/** Dropout (Srivastava et al. 2014): unbiased, a function of what names it, and nothing at all in evaluation. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { constant, parameter } from "../../src/autograd/index.js";
import { Dropout, Sequential, evaluating, training, type Context } from "../../src/nn/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { arrays, type HostArray } from "../arbitraries/arrays.js";
import { between, seeds } from "../arbitraries/numbers.js";
import { shapes } from "../arbitraries/shapes.js";
import { engines, exact } from "../engines.js";
import { property } from "../property.js";
import { assertShares } from "../statistics.js";

const inputs = shapes({ minExtent: 0 }).chain((shape) => arrays(shape));
const dropRates = fc.oneof(fc.constantFrom(0, 0.5, 0.999), between(0, 0.95));
const steps = fc.oneof(fc.constantFrom(0, 2 ** 32), fc.nat());

/** `layers` dropouts side by side, each asked for a thousand ones: 1 where kept. Names are "0", "1", … */
function masks(layers: number, rate: number, context: Context, size = 1000): number[][] {
  return exact.scope(() => {
    const tree = new Sequential(Array.from({ length: layers }, () => new Dropout(rate))).allocate(exact, 0);
    const ones = constant(exact.full([size / 10, 10], 1));
    return tree.children().map(([, layer]) => [...layer.forward(ones, context).dataSync()].map((y) => (y > 0 ? 1 : 0)));
  });
}

function forward(engine: Engine, { values, shape }: HostArray, rate: number, context: Context): number[] {
  return engine.scope(() => {
    const layer = new Dropout(rate).allocate(engine, 0);
    return [...layer.forward(constant(engine.tensor(values, shape)), context).dataSync()];
  });
}

describe("dropout", () => {
  property("is the identity in evaluation, to the bit", [inputs, dropRates], (input, rate) => {
    for (const engine of engines) assert.deepEqual(forward(engine, input, rate, evaluating), [...input.values]);
  });

  property(
    "drops the same elements on every engine, divides the others by 1 − rate, and treats gradients alike",
    [inputs, dropRates, seeds(), steps],
    (input, rate, seed, step) => {
      const context = training(step, { seed });
      const kept = forward(exact, { ...input, values: input.values.map(() => 1) }, rate, context).map((y) => y > 0);
      for (const engine of engines) {
        const factor = engine.float === "float64" ? 1 / (1 - rate) : Math.fround(1 / (1 - rate));
        const round = engine.float === "float64" ? (x: number): number => x : Math.fround;
        const expected = input.values.map((value, i) => (kept[i] ? round(value * factor) : 0));
        const y = forward(engine, input, rate, context);
        assert.deepEqual(
          y.map((value) => value + 0),
          expected.map((value) => value + 0),
          engine.name,
        );
        engine.scope(() => {
          const x = parameter(
            engine.tensor(
              input.values.map(() => 0),
              input.shape,
            ),
          );
          const dropped = new Dropout(rate).allocate(engine, 0).forward(x, context);
          dropped.backward(engine.tensor(input.values, input.shape)); // dy has the values of the input
          assert.deepEqual(
            [...x.grad!.dataSync()].map((value) => value + 0),
            expected.map((value) => value + 0),
          );
          x.zeroGrad();
          x.tensor.dispose();
        });
      }
    },
  );

  property(
    "keeps a share of 1 − rate, so that the expectation stays (false alarms: 1e-9 a case)",
    [between(0.01, 0.99), seeds(), steps],
    (rate, seed, step) => {
      const [mask] = masks(1, rate, training(step, { seed }), 20_000);
      assertShares([mask.reduce((sum, kept) => sum + kept, 0)], mask.length, 1 - rate);
    },
    { runs: 50 },
  );

  property(
    "is a function of seed, step, rank and name: the same again, and unrelated elsewhere (false alarms: 5e-9 a case)",
    [seeds(), fc.nat(), fc.nat({ max: 7 })],
    (seed, step, rank) => {
      const here = training(step, { seed, rank });
      const [mask, neighbour] = masks(2, 0.5, here);
      assert.deepEqual(masks(2, 0.5, { ...here }), [mask, neighbour]);
      const others = [
        neighbour,
        ...masks(1, 0.5, training(step + 1, { seed, rank })),
        ...masks(1, 0.5, training(step, { seed, rank: rank + 1 })),
        ...masks(1, 0.5, training(step, { seed: `${seed}'`, rank })),
      ];
      // two unrelated masks agree on half of their elements
      const agreements = others.map((other) => other.filter((kept, i) => kept === mask[i]).length);
      assertShares(agreements, mask.length, 0.5);
    },
    { runs: 50 },
  );
});
