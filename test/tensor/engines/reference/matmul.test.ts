import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { ReferenceEngine } from "../../../../src/tensor/engines/reference/index.js";
import { stream } from "../../../../src/tensor/random.js";
import { sizeOf } from "../../../../src/tensor/shape.js";
import { assertClose } from "./close.js";

const engine = new ReferenceEngine("float64");

function normal(name: string, ...shape: number[]) {
  const random = stream("matmul", name);
  return engine.tensor(
    Array.from({ length: sizeOf(shape) }, () => random.normal()),
    shape,
  );
}

describe("the matrix product", () => {
  const [a, b] = [normal("a", 2, 3, 4), normal("b", 2, 4, 5)];

  it("is the sum over the inner axis", () => {
    const y = engine.matmul(engine.tensor([1, 2, 3, 4], [2, 2]), engine.tensor([5, 6, 7, 8], [2, 2]), false, false);
    assert.deepEqual([...y.dataSync()], [1 * 5 + 2 * 7, 1 * 6 + 2 * 8, 3 * 5 + 4 * 7, 3 * 6 + 4 * 8]);
  });

  it("takes each operand transposed", () => {
    const expected = engine.matmul(a, b, false, false).dataSync();
    const [at, bt] = [engine.permute(a, [0, 2, 1]), engine.permute(b, [0, 2, 1])];
    assertClose(engine.matmul(at, b, true, false).dataSync(), expected, 0);
    assertClose(engine.matmul(a, bt, false, true).dataSync(), expected, 0);
    assertClose(engine.matmul(at, bt, true, true).dataSync(), expected, 0);
  });

  it("treats a batch as matrices of their own", () => {
    const whole = engine.matmul(a, b, false, false);
    const second = engine.matmul(
      engine.slice(a, 0, 1, 2).reshape([3, 4]),
      engine.slice(b, 0, 1, 2).reshape([4, 5]),
      false,
      false,
    );
    assert.deepEqual(engine.slice(whole, 0, 1, 2).dataSync(), second.dataSync());
  });
});
