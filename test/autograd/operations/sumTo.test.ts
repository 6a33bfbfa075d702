import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { sumTo } from "../../../src/autograd/index.js";
import { ReferenceEngine } from "../../../src/tensor/engines/reference/index.js";

const engine = new ReferenceEngine("float64");

describe("sumTo undoes broadcasting", () => {
  it("sums over stretched and over added axes", () => {
    const dy = engine.tensor([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [2, 2, 3]);
    assert.deepEqual([...sumTo(dy, [2, 1]).dataSync()], [1 + 2 + 3 + 7 + 8 + 9, 4 + 5 + 6 + 10 + 11 + 12]);
    assert.deepEqual([...sumTo(dy, []).dataSync()], [78]);
    assert.deepEqual(sumTo(dy, [1, 2, 1]).shape, [1, 2, 1]);
  });

  it("is the adjoint of broadcastTo: ⟨broadcast(x), dy⟩ = ⟨x, sumTo(dy)⟩", () => {
    const x = engine.tensor([2, -3], [2, 1]);
    const dy = engine.tensor([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]);
    const inner = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
      Array.from(a).reduce((sum, value, i) => sum + value * b[i], 0);
    const left = inner(engine.broadcastTo(x, [2, 2, 2]).dataSync(), dy.dataSync());
    assert.equal(inner(x.dataSync(), sumTo(dy, [2, 1]).dataSync()), left);
  });

  it("hands dy through where nothing was stretched", () => {
    const dy = engine.full([2, 1], 1);
    assert.equal(sumTo(dy, [2, 1]), dy);
    assert.deepEqual(sumTo(engine.full([1, 3], 1), [3]).shape, [3]);
  });
});
