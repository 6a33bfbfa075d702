/** The derivative of every operation, in every input, against central differences in float64 (`checkGradients` says how exactly). */
import { after, describe } from "node:test";
import assert from "node:assert/strict";
import { checkGradients } from "../../src/autograd/index.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { hasDerivative } from "./answer.js";
import { everyOperation } from "./everyOperation.js";

describe("the derivative is what central differences say", () => {
  const engine = new ReferenceEngine("float64");
  after(() => assert.equal(engine.memory().tensors, 0));
  everyOperation("smooth", (operation, { inputs, options }) =>
    engine.scope(() => {
      checkGradients(
        (variables) => operation(variables, options),
        inputs.map(({ values, shape }) => engine.tensor(values, shape)),
        // beyond 400 entries of a Jacobian: along random directions, which checks all of them at once
        { differentiable: inputs.map((_, i) => hasDerivative(operation, i)), fullJacobianUpTo: 400, directions: 3 },
      );
    }),
  );
});
