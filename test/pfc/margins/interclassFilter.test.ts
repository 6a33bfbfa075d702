import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parameter } from "../../../src/autograd/index.js";
import { interclassFilter } from "../../../src/pfc/margins/interclassFilter.js";
import { ReferenceEngine } from "../../../src/tensor/engines/reference/index.js";

const engine = new ReferenceEngine("float64");
const COSINES = [
  [0.9, 0.5, 0.3],
  [0.4, -0.9, 0.41],
  [0.8, 0.1, 0.7],
];
const labels = Int32Array.of(0, 1, -1);

function filtered(threshold: number): { values: number[]; gradient: number[] } {
  const cosine = parameter(engine.tensor(COSINES.flat(), [3, 3]));
  const y = interclassFilter(cosine, labels, threshold);
  y.backward(engine.tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3]));
  return { values: [...y.dataSync()], gradient: [...cosine.grad!.dataSync()] };
}

describe("inter-class filtering", () => {
  test("sets wrong classes above the threshold to cosine 0 and spares the row's own class", () => {
    // equal to the threshold stays; the last row has its class elsewhere, so nothing in it is spared
    assert.deepEqual(filtered(0.4).values, [0.9, 0, 0.3, 0.4, -0.9, 0, 0, 0.1, 0]);
  });

  test("gives what it filtered no gradient", () => {
    assert.deepEqual(filtered(0.4).gradient, [1, 0, 3, 4, 5, 0, 0, 8, 0]);
  });

  test("is off at 0", () => {
    assert.deepEqual(filtered(0).values, COSINES.flat());
  });

  test("leaves nothing behind but its result and what the tape needs", () => {
    const cosine = engine.tensor(COSINES.flat(), [3, 3]);
    const before = engine.memory().tensors;
    engine.scope(() => {
      interclassFilter(parameter(cosine.reshape([3, 3])), labels, 0.4).backward(engine.full([3, 3], 1));
    });
    assert.ok(engine.memory().tensors - before <= 1, "only the gradient of the parameter outlives the scope");
  });
});
