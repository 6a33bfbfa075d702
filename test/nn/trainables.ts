/** Small things to optimize: free parameters and gradients that are set by hand. */
import assert from "node:assert/strict";
import { parameter, type Variable } from "../../src/autograd/variable.js";
import type { RowParameter } from "../../src/nn/rowParameter.js";
import type { NamedParameter, Trainable } from "../../src/nn/trainable.js";
import type { Engine } from "../../src/tensor/engine.js";
import type { Shape } from "../../src/tensor/shape.js";

export function named(name: string, variable: Variable, options: Partial<NamedParameter> = {}): NamedParameter {
  return { name, shape: variable.shape, variable, trainable: true, decay: true, ...options };
}

export function free(engine: Engine, values: readonly number[], shape: Shape = [values.length]): Variable {
  return parameter(engine.tensor(values, shape));
}

export function only(...parameters: readonly NamedParameter[]): Trainable {
  return { parameters: () => parameters };
}

/** Adds to a gradient, as a backward pass does. */
export function pushGradient(engine: Engine, variable: Variable, values: readonly number[]): void {
  const tensor = engine.tensor(values, variable.shape);
  if (variable.grad) engine.blend(variable.grad, 1, tensor, 1);
  else variable.grad = engine.keep(tensor);
}

/** All rows of a small table. */
export async function rowsOf(table: RowParameter): Promise<number[][]> {
  const values = await table.store.read(0, table.rows);
  return Array.from({ length: table.rows }, (_, row) => [
    ...values.subarray(row * table.columns, (row + 1) * table.columns),
  ]);
}

/** Float64 on both sides, a few dozen operations on numbers of order 1. */
export function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, message = ""): void {
  assert.equal(actual.length, expected.length, message);
  for (let i = 0; i < expected.length; i++) {
    const allowed = 1e-12 * (1 + Math.abs(expected[i]));
    assert.ok(Math.abs(actual[i] - expected[i]) <= allowed, `${message} [${i}]: ${actual[i]}, not ${expected[i]}`);
  }
}
