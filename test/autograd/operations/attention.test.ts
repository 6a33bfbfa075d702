import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { attention, constant } from "../../../src/autograd/index.js";
import { ReferenceEngine } from "../../../src/tensor/engines/reference/index.js";

const engine = new ReferenceEngine("float64");

describe("attention", () => {
  it("says what does not fit", () => {
    const of = (shape: number[], heads: number) => () => attention(constant(engine.full(shape, 0)), heads);
    assert.throws(of([2, 3, 8], 2), /\[B, T, 3 · heads · d\].*given \[2, 3, 8\] and 2 heads/);
    assert.throws(of([2, 3, 12], 5), /given \[2, 3, 12\] and 5 heads/);
    assert.throws(of([3, 12], 2), /given \[3, 12\]/);
    assert.throws(of([2, 0, 12], 2), /of one token at least; given \[2, 0, 12\]/);
    for (const heads of [0, -1, 0.5, NaN]) assert.throws(of([2, 3, 12], heads), new RegExp(`and ${heads} heads`));
  });

  it("takes a batch of none", () => {
    assert.deepEqual(attention(constant(engine.full([0, 3, 12], 0)), 2).shape, [0, 3, 4]);
  });
});
