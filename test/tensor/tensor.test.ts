import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";

describe("a tensor", () => {
  it("shares its storage with what it was reshaped to, until the last of them is released", () => {
    const engine = new ReferenceEngine("float64");
    const x = engine.tensor([1, 2, 3, 4], [4]);
    const square = x.reshape([2, -1]);
    const second = x.share();
    assert.deepEqual([square.shape, second.shape], [[2, 2], [4]]);
    x.dispose();
    assert.equal(engine.memory().tensors, 1);
    assert.deepEqual([...second.dataSync(), ...square.dataSync()], [1, 2, 3, 4, 1, 2, 3, 4]);
    square.dispose();
    second.dispose();
    assert.equal(engine.memory().tensors, 0);
    assert.throws(() => x.share(), /share: this tensor of shape \[4\] was already released/);
  });

  it("of one element is read by item(), which releases it; another shape is an error and stays", async () => {
    const engine = new ReferenceEngine("float64");
    assert.equal(await engine.full([1, 1], 7).item(), 7);
    assert.equal(engine.memory().tensors, 0);
    const two = engine.full([2], 7);
    await assert.rejects(two.item(), /needs one element, but the shape is \[2\]/);
    assert.equal(two.disposed, false);
  });

  it("is released at the end of a `using` block", () => {
    const engine = new ReferenceEngine("float64");
    {
      using x = engine.full([3], 1);
      assert.equal(x.disposed, false);
    }
    assert.equal(engine.memory().tensors, 0);
  });
});
