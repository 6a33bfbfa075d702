/** Initial values: the distributions they are said to have, and each a function of (seed, name, position) alone. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import {
  Linear,
  Sequential,
  kaimingNormalFanOut,
  normal,
  parameterKey,
  truncatedNormal,
  uniform,
  uniformFanIn,
  type Initializer,
} from "../../src/nn/index.js";
import { sizeOf, type Shape } from "../../src/tensor/shape.js";
import { between, seeds } from "../arbitraries/numbers.js";
import { assertNormal, assertUniform } from "../distributions.js";
import { exact } from "../engines.js";
import { property } from "../property.js";

/** Of some thousand values. */
const shapes = fc.constantFrom<Shape>([4000], [1, 4000], [4000, 1], [50, 80], [20, 8, 5, 5]);
const scales = between(1e-3, 10);
const names = fc.constantFrom("weight", "layer1.0.conv1.weight", "0.bias");

function draw(initializer: Initializer, shape: Shape, seed: number | string, name: string): Float64Array {
  const values = new Float64Array(sizeOf(shape));
  initializer(values, shape, parameterKey(seed, name));
  return values;
}

describe("initial values (false alarms: 1e-9 a case)", () => {
  property(
    "are uniform within ±bound",
    [shapes, seeds(), names, scales],
    (shape, seed, name, bound) => {
      assertUniform(draw(uniform(bound), shape, seed, name).map((value) => (value / bound + 1) / 2));
    },
    { runs: 60 },
  );

  property(
    "are uniform within ±1/√fan in, as PyTorch's",
    [shapes, seeds(), names, fc.integer({ min: 1, max: 5000 })],
    (shape, seed, name, fanIn) => {
      assertUniform(draw(uniformFanIn(fanIn), shape, seed, name).map((value) => (value * Math.sqrt(fanIn) + 1) / 2));
    },
    { runs: 40 },
  );

  property(
    "are normal with the deviation asked for",
    [shapes, seeds(), names, scales],
    (shape, seed, name, deviation) => {
      assertNormal(draw(normal(deviation), shape, seed, name).map((value) => value / deviation));
    },
    { runs: 60 },
  );

  property(
    "are normal without the tails",
    [shapes, seeds(), names, scales, fc.constantFrom(1, 2)],
    (shape, seed, name, deviation, cut) => {
      // a hair inside, as division may round a value at the cut beyond it
      const values = draw(truncatedNormal(deviation, cut), shape, seed, name);
      assertNormal(
        values.map((value) => (value / deviation) * (1 - 2 ** -50)),
        cut,
      );
    },
    { runs: 60 },
  );

  property(
    "have variance 2 / (outputs · kernel area) after Kaiming's rule",
    [fc.constantFrom<Shape>([50, 80], [20, 8, 5, 5], [400, 1, 3, 3]), seeds(), names],
    (shape, seed, name) => {
      const [out, , ...kernel] = shape;
      const deviation = Math.sqrt(2 / (out * kernel.reduce((area, extent) => area * extent, 1)));
      assertNormal(draw(kaimingNormalFanOut(), shape, seed, name).map((value) => value / deviation));
    },
    { runs: 40 },
  );
});

describe("an initial value", () => {
  property(
    "is a function of seed, name and position: the same again, others elsewhere",
    [seeds(), names],
    (seed, name) => {
      const values = draw(normal(1), [30, 4], seed, name);
      assert.deepEqual(draw(normal(1), [30, 4], seed, name), values);
      // rows are rows, however many there are
      assert.deepEqual(draw(normal(1), [20, 4], seed, name), values.slice(0, 80));
      for (const other of [draw(normal(1), [30, 4], seed, `${name}'`), draw(normal(1), [30, 4], `${seed}'`, name)]) {
        // one in 2³² is equal by chance; four of 120 are in no lifetime
        assert.ok(other.filter((value, i) => value === values[i]).length < 4);
      }
    },
  );

  property(
    "does not depend on what else a network is made of",
    [seeds(), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 3 })],
    (seed, shared, more) => {
      const network = (layers: number): Map<string, Float32Array | Float64Array> => {
        const tree = new Sequential(Array.from({ length: layers }, () => new Linear({ in: 3, out: 3 }))).allocate(
          exact,
          seed,
        );
        const values = [...tree.stateDictionary()].map(([name, tensor]) => [name, tensor.dataSync()] as const);
        tree.dispose();
        return new Map(values);
      };
      const larger = network(shared + more);
      for (const [name, values] of network(shared)) assert.deepEqual(values, larger.get(name), name);
    },
  );
});
