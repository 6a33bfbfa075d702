import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import {
  broadcastShapes,
  broadcastStrides,
  normalizeAxes,
  resolveReshape,
  sizeOf,
  stridesOf,
} from "../../src/tensor/shape.js";

describe("shapes", () => {
  it("have as many elements as their extents multiply to; a scalar has one", () => {
    assert.deepEqual([sizeOf([2, 3, 4]), sizeOf([]), sizeOf([5, 0]), sizeOf([1])], [24, 1, 0, 1]);
  });

  it("are made of whole numbers from 0, on every engine", async () => {
    const wasm = await openEngine("wasm", { threads: 1 });
    for (const engine of [new ReferenceEngine("float64"), wasm]) {
      for (const extent of [-1, 1.5, NaN, Infinity]) {
        assert.throws(() => engine.full([2, extent], 1), /every extent is a whole number from 0; given \[2, /);
      }
      assert.throws(() => engine.tensor([1], [-1, -1]), /given \[-1, -1\]/);
      assert.equal(engine.memory().tensors, 0);
    }
    await wasm.close();
  });

  it("count elements row by row: element [i, j, k] is at i·12 + j·4 + k", () => {
    assert.deepEqual(stridesOf([2, 3, 4]), [12, 4, 1]);
    assert.deepEqual(stridesOf([]), []);
  });

  it("broadcast from the last axis on, and only axes of one element stretch", () => {
    assert.deepEqual(broadcastShapes([2, 1, 3], [4, 1], "test"), [2, 4, 3]);
    assert.deepEqual(broadcastShapes([], [2, 0], "test"), [2, 0]);
    assert.deepEqual(broadcastShapes([1], [0], "test"), [0]);
    assert.throws(() => broadcastShapes([2, 3], [2, 1, 2], "test"), /axis 1 from the end has 3 and 2 elements/);
    assert.deepEqual(broadcastStrides([3, 1], [2, 3, 5]), [0, 1, 0]);
  });

  it("take one open extent", () => {
    assert.deepEqual(resolveReshape([2, -1], 6), [2, 3]);
    assert.deepEqual(resolveReshape([-1], 0), [0]);
    for (const impossible of [[-1, -1], [4, -1], [7], [0, -1]]) {
      assert.throws(() => resolveReshape(impossible, 6), /6 elements cannot be arranged/);
    }
  });

  it("name axes from either end, each once and in order", () => {
    assert.deepEqual(normalizeAxes([-1, 0, 2], 3, "test"), [0, 2]);
    for (const axis of [3, -4, 0.5])
      assert.throws(() => normalizeAxes([axis], 3, "test"), /outside a tensor of rank 3/);
  });
});
