/**
 * The adjoint identity ⟨A x, y⟩ = ⟨x, Aᵀ y⟩ of every operation that is linear in an input: convolution, pooling, products, gather, slice,
 * broadcast …; Aᵀ is its derivative. It holds for derivatives without a single difference quotient, so also in float32.
 *
 * A x is f(x) − f(0), without the summand that does not depend on x (a bias). The two sides may differ by what their elements may be off,
 * weighed with the other operand; the sums themselves are formed in float64.
 */
import { describe } from "node:test";
import assert from "node:assert/strict";
import type { Operation } from "../../src/autograd/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import type { Call } from "../arbitraries/operationCalls.js";
import { answer, bounds, seedOf, value } from "./answer.js";
import { float32Engines } from "./engines.js";
import { everyOperation } from "./everyOperation.js";
import { combined, dot, isLinearIn, weighed, withInput } from "./linearity.js";

/** Rounding of float64 against that of float32. */
const FINER = 2 ** -29;

function checkAdjoint(operation: Operation, call: Call, position: number, engines: readonly Engine[]): void {
  const x = call.inputs[position].values;
  const constant = withInput(call, position, new Array<number>(x.length).fill(0));
  const [whole, rest] = [bounds(operation, call), bounds(operation, constant)];
  const y = seedOf(whole.exact.y.length);
  const gradientBounds = whole.allowed.gradients[position] ?? [];
  const allowed = weighed(y, whole.allowed.y) + weighed(y, rest.allowed.y) + weighed(x, gradientBounds);
  for (const engine of engines) {
    const { y: result, gradients } = answer(engine, operation, call);
    const forward = combined((a, b) => a - b, result, value(engine, operation, constant));
    const [left, right] = [dot(forward, y), dot(x, gradients[position] ?? [])];
    // in float64 even exact moves are summed with rounding, here and in the two products
    const sums =
      2 ** -52 * (x.length + y.length) * (weighed(y, forward.map(Math.abs)) + weighed(y, Array.from(result, Math.abs)));
    const tolerance = (engine.float === "float64" ? FINER : 1) * allowed + sums;
    assert.ok(
      Math.abs(left - right) <= tolerance,
      `${engine.name}, input ${position}: ⟨Ax, y⟩ is ${left}, but ⟨x, Aᵀy⟩ is ${right} (allowed distance ${tolerance})`,
    );
  }
}

describe("⟨A x, y⟩ = ⟨x, Aᵀ y⟩", () => {
  const engines = float32Engines();
  const exact = new ReferenceEngine("float64");
  everyOperation(
    "smooth",
    (operation, call) => {
      for (const position of call.inputs.keys()) {
        if (isLinearIn(operation, position)) checkAdjoint(operation, call, position, [...engines, exact]);
      }
    },
    { runs: 60, only: ({ definition }) => definition.linearIn !== undefined },
  );
});
