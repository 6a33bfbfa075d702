import { after, before, describe, it } from "node:test";
import assert from "node:assert/strict";
import { Variable } from "../../src/autograd/index.js";
import type { Engine, FloatArray } from "../../src/tensor/engine.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { stream } from "../../src/tensor/random.js";
import { allCases, type Case } from "./samples.js";

interface Answer {
  readonly y: FloatArray;
  /** One for each input; undefined where none is computed. */
  readonly gradients: readonly (FloatArray | undefined)[];
}

/** Forward, and backward from a seed of standard normal numbers. */
async function answer(engine: Engine, { operation, options, inputs, title }: Case): Promise<Answer> {
  const { y, gradients } = engine.scope(() => {
    const variables = inputs.map(
      ({ values, shape, differentiable }) => new Variable(engine.tensor(values, shape), differentiable),
    );
    const result = operation(variables, options);
    const random = stream("parity seed", title);
    const seed = Float32Array.from({ length: result.tensor.size }, () => random.normal());
    result.backward(engine.tensor(seed, result.shape));
    return { y: result.tensor, gradients: variables.map((variable) => variable.grad) };
  });
  const read = { y: await y.data(), gradients: await Promise.all(gradients.map((gradient) => gradient?.data())) };
  for (const tensor of [y, ...gradients]) tensor?.dispose();
  return read;
}

function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
}

/**
 * How far float32 may be from float64: roundings on the way to an element, times half a unit in the last place, times the
 * largest number that takes part. At most one rounding for each element of the largest operand (a sum over all of it), and 32 for
 * elementary functions and the few steps around them; products are as large as the largest input times the largest result.
 */
function tolerance({ inputs }: Case, exact: Answer): number {
  const roundings = 32 + Math.max(...inputs.map(({ values }) => values.length), exact.y.length);
  const operands = Math.max(...inputs.map(({ values }) => largest(values)));
  const results = Math.max(...[exact.y, ...exact.gradients].map((values) => largest(values ?? [])));
  return roundings * 2 ** -24 * operands * results;
}

function assertClose(actual: FloatArray, expected: FloatArray, allowed: number, what: string): void {
  assert.equal(actual.length, expected.length, `${what}: number of elements`);
  for (let i = 0; i < expected.length; i++) {
    const distance = Math.abs(actual[i] - expected[i]);
    assert.ok(
      distance <= allowed,
      `${what}[${i}]: ${actual[i]}, but float64 gives ${expected[i]} (allowed ${allowed})`,
    );
  }
}

describe("the wasm engine agrees with the reference in float64, forward and backward", () => {
  const reference = new ReferenceEngine("float64");
  let wasm: Engine;
  before(async () => {
    wasm = await openEngine("wasm");
  });
  after(() => wasm.close());

  for (const sample of allCases()) {
    it(sample.title, async () => {
      const expected = await answer(reference, sample);
      const actual = await answer(wasm, sample);
      const allowed = tolerance(sample, expected);
      assertClose(actual.y, expected.y, allowed, "y");
      for (const [position, gradient] of expected.gradients.entries()) {
        const other = actual.gradients[position];
        assert.equal(other === undefined, gradient === undefined);
        if (gradient && other) assertClose(other, gradient, allowed, `gradient of input ${position}`);
      }
    });
  }

  it("leaves nothing behind on either engine", () => {
    assert.equal(reference.memory().tensors, 0);
    assert.equal(wasm.memory().tensors, 0);
  });
});
