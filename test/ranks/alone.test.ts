import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { alone } from "../../src/ranks/alone.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";

const engine = new ReferenceEngine("float64");

describe("a single rank", () => {
  test("is rank 0 of 1", () => {
    assert.deepEqual([alone.rank, alone.size], [0, 1]);
    alone.barrier();
  });

  test("gets back from every collective what it gave, as a tensor of its own that costs no memory", () => {
    const x = engine.tensor([1, 2, 3, 4], [2, 2]);
    const { inUse } = engine.memory();
    const results = [
      alone.allGather(x),
      alone.allReduce(x, "sum"),
      alone.allReduce(x, "maximum"),
      alone.reduceScatter(x),
      alone.broadcast(x, 0),
    ];
    for (const result of results) {
      assert.deepEqual([...result.dataSync()], [1, 2, 3, 4]);
      assert.deepEqual(result.shape, [2, 2]);
      assert.notEqual(result, x);
    }
    assert.equal(engine.memory().inUse, inUse);
    for (const result of results) result.dispose();
    assert.equal(x.disposed, false);
    assert.deepEqual([...x.dataSync()], [1, 2, 3, 4]);
  });

  test("gathers integers into an array of its own", () => {
    const labels = Int32Array.of(3, 1);
    const gathered = alone.allGatherIntegers(labels);
    assert.deepEqual(gathered, labels);
    assert.notEqual(gathered, labels);
  });

  test("has nobody else to broadcast from", () => {
    assert.throws(() => alone.broadcast(engine.full([1], 0), 1), /rank 0 only, given 1/);
  });
});
