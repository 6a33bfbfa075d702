import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Variable, type Operation } from "../src/autograd/index.js";
import { operations } from "../src/operations.js";
import { ReferenceEngine } from "../src/tensor/engines/reference/index.js";
import { operationCalls, samplesOf, type Call } from "../property-tests/arbitraries/operationCalls.js";
import { combined, isLinearIn, withInput } from "../property-tests/operations/linearity.js";
import { hasDerivative, value } from "../property-tests/operations/answer.js";
import { operationsTable } from "../scripts/operationsTable.js";

describe("the list of operations", () => {
  it("names each operation once", () => {
    const names = operations.map(({ definition }) => definition.name);
    assert.deepEqual(names, [...new Set(names)]);
  });

  it("has samples for each", () => {
    const bare = operations.filter(({ definition }) => definition.samples.length === 0);
    assert.deepEqual(bare, []);
  });

  it("has a generator of calls for each", () => {
    assert.deepEqual(
      operationCalls.map(({ operation }) => operation),
      operations,
    );
  });

  it("gives a gradient to every input but those it declares to have none", () => {
    const engine = new ReferenceEngine("float64");
    for (const operation of operations) {
      engine.scope(() => {
        const [{ inputs, options }] = samplesOf(operation);
        const variables = inputs.map(({ values, shape }) => new Variable(engine.tensor(values, shape), true));
        const y = operation(variables, options);
        y.backward(engine.full(y.shape, 1));
        const given = variables.map(({ grad }) => grad !== undefined);
        const declared = inputs.map((_, position) => hasDerivative(operation, position));
        assert.deepEqual(given, declared, operation.definition.name);
        for (const variable of variables) variable.zeroGrad();
      });
    }
  });

  it("is the table in docs/operations.md (npm run operations)", () => {
    assert.equal(readFileSync(new URL("../docs/operations.md", import.meta.url), "utf8"), operationsTable());
  });
});

describe("an operation is linear in the inputs it declares, and in no other", () => {
  const engine = new ReferenceEngine("float64");

  /** The largest f(a + b) + f(0) − f(a) − f(b), where a is the input of the call and b its elements in reverse. */
  function bend(operation: Operation, call: Call, position: number): number {
    const a = call.inputs[position].values;
    const b = a.toReversed();
    const at = (values: readonly number[]): ArrayLike<number> =>
      value(engine, operation, withInput(call, position, values));
    const sum = a.map((element, i) => element + b[i]);
    const zero = a.map(() => 0);
    const bends = combined((ab, o, x, y) => ab + o - x - y, at(sum), at(zero), at(a), at(b));
    return bends.reduce((most, distance) => Math.max(most, Number.isNaN(distance) ? Infinity : Math.abs(distance)), 0);
  }

  for (const operation of operations) {
    it(operation.definition.name, () => {
      const samples = samplesOf(operation);
      for (const position of samples[0].inputs.keys()) {
        if (!hasDerivative(operation, position)) continue;
        const largest = Math.max(
          ...samples.map((call) => (position in call.inputs ? bend(operation, call, position) : 0)),
        );
        // rounding of float64 leaves 1e-12 of numbers within a few hundred; what is not linear bends by far more
        assert.equal(largest < 1e-11, isLinearIn(operation, position), `input ${position} bends by ${largest}`);
      }
    });
  }
});
