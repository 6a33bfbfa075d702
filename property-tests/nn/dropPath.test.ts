/** Stochastic depth (Huang et al. 2016): whole samples, unbiased, and nothing at all in evaluation. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { constant, parameter } from "../../src/autograd/index.js";
import { DropPath, Sequential, evaluating, training, type Context } from "../../src/nn/index.js";
import { arrays } from "../arbitraries/arrays.js";
import { between, seeds } from "../arbitraries/numbers.js";
import { shapes } from "../arbitraries/shapes.js";
import { engines, exact } from "../engines.js";
import { property } from "../property.js";
import { assertShares } from "../statistics.js";

const inputs = shapes({ minRank: 1 }).chain((shape) => arrays(shape));
const dropRates = fc.oneof(fc.constantFrom(0, 0.5, 0.999), between(0, 0.95));
const steps = fc.oneof(fc.constantFrom(0, 2 ** 32), fc.nat());

/** Of so many samples: 1 where kept, for each of two layers side by side. */
function masks(rate: number, context: Context, samples: number): number[][] {
  return exact.scope(() => {
    const tree = new Sequential([new DropPath(rate), new DropPath(rate)]).allocate(exact, 0);
    const ones = constant(exact.full([samples, 1], 1));
    return tree.children().map(([, layer]) => [...layer.forward(ones, context).dataSync()].map((y) => (y > 0 ? 1 : 0)));
  });
}

describe("stochastic depth", () => {
  property("is the identity in evaluation", [inputs, dropRates], ({ values, shape }, rate) => {
    for (const engine of engines) {
      engine.scope(() => {
        const x = constant(engine.tensor(values, shape));
        assert.deepEqual([...new DropPath(rate).forward(x, evaluating).dataSync()], [...values]);
      });
    }
  });

  property(
    "drops the same samples on every engine, divides the others by 1 − rate, and treats gradients alike",
    [inputs, dropRates, seeds(), steps],
    ({ values, shape }, rate, seed, step) => {
      const context = training(step, { seed });
      const kept = masks(rate, context, shape[0])[0];
      const columns = values.length / shape[0];
      for (const engine of engines) {
        engine.scope(() => {
          const round = engine.float === "float64" ? (x: number): number => x : Math.fround;
          const expected = values.map(
            (x, i) => (kept[Math.floor(i / columns)] ? round(x * round(1 / (1 - rate))) : 0) + 0,
          );
          const layers = new Sequential([new DropPath(rate)]).allocate(engine, 0); // its name is "0", as above
          const x = parameter(engine.tensor(values, shape));
          const y = layers.forward(x, context);
          assert.deepEqual(
            [...y.dataSync()].map((value) => value + 0),
            expected,
            engine.name,
          );
          y.backward(engine.tensor(values, shape)); // dy has the values of the input
          assert.deepEqual(
            [...x.grad!.dataSync()].map((value) => value + 0),
            expected,
            engine.name,
          );
          x.zeroGrad();
          x.tensor.dispose();
        });
      }
    },
  );

  property(
    "keeps a share of 1 − rate, so that the expectation stays, and two layers agree by chance only (false alarms: 1e-9 a case)",
    [between(0.01, 0.99), seeds(), steps],
    (rate, seed, step) => {
      const [first, second] = masks(rate, training(step, { seed }), 5000);
      const count = (mask: readonly number[]): number => mask.reduce((sum, kept) => sum + kept, 0);
      assertShares([count(first)], first.length, 1 - rate);
      assertShares([count(first.map((kept, i) => kept * second[i]))], first.length, (1 - rate) ** 2);
    },
    { runs: 50 },
  );

  property(
    "skips as (seed, step, rank, name) say: the same again, and by chance only where one of them is another (false alarms: 1e-9 a case)",
    [between(0.01, 0.99), seeds(), steps, fc.nat({ max: 7 })],
    (rate, seed, step, rank) => {
      const at = (context: Context): number[] => masks(rate, context, 2000)[0];
      const first = at(training(step, { seed, rank }));
      assert.deepEqual(at(training(step, { seed, rank })), first);
      const others = [
        training(step + 1, { seed, rank }),
        training(step, { seed, rank: rank + 1 }),
        training(step, { seed: `${seed}, another`, rank }),
      ].map(at);
      const both = others.map((mask) => mask.reduce((sum, kept, i) => sum + kept * first[i], 0));
      assertShares(both, first.length, (1 - rate) ** 2);
    },
    { runs: 50 },
  );
});
