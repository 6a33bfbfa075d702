import { describe, it } from "node:test";
import assert from "node:assert/strict";
import * as ag from "../../../src/autograd/index.js";
import { parameter, type Variable } from "../../../src/autograd/index.js";
import { ReferenceEngine } from "../../../src/tensor/engines/reference/index.js";

const engine = new ReferenceEngine("float64");

/** Derivative of Σ fn(x) at these values: one array for each variable. */
function slopes(fn: (...inputs: Variable[]) => Variable, ...values: number[][]): number[][] {
  const variables = values.map((row) => parameter(engine.tensor(row, [row.length])));
  ag.sum(fn(...variables)).backward();
  return variables.map(({ grad }) => Array.from(grad?.dataSync() ?? []));
}

describe("where a function has no derivative, the documented choice is taken", () => {
  it("maximum and minimum share a tie", () => {
    assert.deepEqual(slopes(ag.maximum, [1, 2, 3], [2, 2, 2]), [
      [0, 0.5, 1],
      [1, 0.5, 0],
    ]);
    assert.deepEqual(slopes(ag.minimum, [1, 2, 3], [2, 2, 2]), [
      [1, 0.5, 0],
      [0, 0.5, 1],
    ]);
  });

  it("clamp lets the gradient through at both bounds", () => {
    assert.deepEqual(
      slopes((x) => ag.clamp(x, -1, 1), [-2, -1, 0, 1, 2]),
      [[0, 1, 1, 1, 0]],
    );
  });

  it("relu and relu6 do not, prelu counts 0 as negative", () => {
    assert.deepEqual(slopes(ag.relu, [-1, 0, 1]), [[0, 0, 1]]);
    assert.deepEqual(slopes(ag.relu6, [-1, 0, 3, 6, 7]), [[0, 0, 1, 0, 0]]);
    assert.deepEqual(slopes(ag.prelu, [-2, 0, 1], [0.25])[0], [0.25, 0.25, 1]);
  });

  it("absolute is flat at 0", () => {
    assert.deepEqual(slopes(ag.absolute, [-2, 0, 2]), [[-1, 0, 1]]);
  });

  it("power of 0 has no gradient in the exponent", () => {
    assert.deepEqual(slopes(ag.power, [0], [2]), [[0], [0]]);
  });

  it("maximumOver and the pools give everything to the first of equal maxima", () => {
    assert.deepEqual(
      slopes((x) => ag.maximumOver(x), [1, 3, 3, 2]),
      [[0, 1, 0, 0]],
    );
    const columns = (x: Variable): Variable => ag.maximumOver(ag.reshape(x, [2, 2]), [0]);
    assert.deepEqual(slopes(columns, [5, 1, 5, 2]), [[1, 0, 0, 1]]);
    const image = (x: Variable): Variable => ag.reshape(x, [1, 1, 2, 2]);
    assert.deepEqual(
      slopes((x) => ag.globalMaxPool(image(x)), [4, 4, 4, 4]),
      [[1, 0, 0, 0]],
    );
    assert.deepEqual(
      slopes((x) => ag.maxPool2d(image(x), { kernel: 2 }), [4, 4, 4, 4]),
      [[1, 0, 0, 0]],
    );
  });
});
