import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { localLabels, shardOf } from "../../src/pfc/shard.js";

describe("the classes of a rank", () => {
  test("follow each other without gap or overlap, and differ by at most one in number", () => {
    for (let ranks = 1; ranks <= 9; ranks++) {
      for (let classes = 1; classes < 40; classes++) {
        const shards = Array.from({ length: ranks }, (_, rank) => shardOf(classes, rank, ranks));
        let next = 0;
        for (const shard of shards) {
          assert.equal(shard.start, next);
          next += shard.classes;
        }
        assert.equal(next, classes);
        const sizes = shards.map((shard) => shard.classes);
        assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
      }
    }
  });

  test("make every label the own of exactly one rank", () => {
    const labels = Int32Array.of(0, 6, 7, 12, 7);
    const first = localLabels(labels, shardOf(13, 0, 2)); // classes 0 … 6
    const second = localLabels(labels, shardOf(13, 1, 2)); // classes 7 … 12
    assert.deepEqual(first, Int32Array.of(0, 6, -1, -1, -1));
    assert.deepEqual(second, Int32Array.of(-1, -1, 0, 5, 0));
  });

  test("may be none: with fewer classes than ranks the last ranks go empty", () => {
    const sizes = [0, 1, 2, 3].map((rank) => shardOf(2, rank, 4).classes);
    assert.deepEqual(sizes, [1, 1, 0, 0]);
    assert.deepEqual(localLabels(Int32Array.of(0, 1), shardOf(2, 3, 4)), Int32Array.of(-1, -1));
  });

  test("are a share of a whole number of them", () => {
    assert.throws(() => shardOf(0, 0, 1), /at least one; given 0/);
    assert.throws(() => shardOf(2.5, 0, 1), /given 2.5/);
  });
});
