import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { checkGradients, operations } from "../../src/autograd/index.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { allCases } from "./samples.js";

describe("every operation's derivative is what central differences say", () => {
  const engine = new ReferenceEngine("float64");
  for (const { title, operation, options, inputs } of allCases()) {
    it(title, () =>
      engine.scope(() => {
        checkGradients(
          (variables) => operation(variables, options),
          inputs.map(({ values, shape }) => engine.tensor(values, shape)),
          { differentiable: inputs.map(({ differentiable }) => differentiable) },
        );
      }),
    );
  }

  it("leaves nothing behind", () => assert.equal(engine.memory().tensors, 0));
});

describe("the list of operations", () => {
  it("names each operation once", () => {
    const names = operations.map(({ definition }) => definition.name);
    assert.deepEqual(names, [...new Set(names)]);
  });

  it("has samples for each", () => {
    const bare = operations.filter(({ definition }) => definition.samples.length === 0);
    assert.deepEqual(bare, []);
  });
});
