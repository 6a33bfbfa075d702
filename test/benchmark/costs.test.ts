import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { boundOf } from "../../src/benchmark/bound.js";
import { headModel } from "../../src/benchmark/headModel.js";
import { assertFits, classCounts, neededBytes } from "../../src/benchmark/memoryFit.js";
import { trainingOperations } from "../../src/benchmark/networkOperations.js";
import { smallIresnetSpecification } from "../../src/nn/index.js";

const size = { classes: 1000, embedding: 16, batch: 8, ratio: 0.1, update: "sparse", storage: "float32" } as const;

describe("bound", () => {
  const limits = { operationsPerSecond: 100, bytesPerSecond: 10 };

  test("is the larger of the two times, and says which", () => {
    assert.deepEqual(boundOf({ operations: 1000, bytes: 10 }, limits), { seconds: 10, by: "operations" });
    assert.deepEqual(boundOf({ operations: 100, bytes: 20 }, limits), { seconds: 2, by: "bytes" });
  });

  test("does not exist for work that counts nothing", () => {
    assert.equal(boundOf({}, limits), undefined);
  });
});

describe("cost model of the head", () => {
  test("counts 6·N·rC·d operations and 4·N·rC bytes of logits", () => {
    const { operations, logitsBytes, sampled } = headModel(size);
    assert.equal(sampled, 100);
    assert.equal(operations, 6 * 8 * 100 * 16);
    assert.equal(logitsBytes, 4 * 8 * 100);
  });

  test("moves the sampled rows and their momentum there and back, or all rows when the update is dense", () => {
    const batch = 2 * 4 * 8 * 16;
    assert.equal(headModel(size).bytes, batch + 2 * 2 * 4 * 100 * 16);
    assert.equal(headModel({ ...size, update: "dense" }).bytes, batch + 2 * 2 * 4 * 1000 * 16);
  });

  test("keeps half the bytes in float16", () => {
    assert.equal(headModel(size).tableBytes, 2 * 4 * 1000 * 16);
    assert.equal(headModel({ ...size, storage: "float16" }).tableBytes, 2 * 2 * 1000 * 16);
  });
});

describe("memory", () => {
  test("of a fused step is the tables and the cosines, whatever the number of heads on one table", () => {
    const fused = { ...size, path: "fused" } as const;
    const alone = neededBytes([fused], 1);
    assert.equal(alone, 2 * 4 * 1000 * 16 + 4 * 8 * 100);
    assert.equal(neededBytes([{ ...fused, ratio: 0.01 }, fused], 1), alone);
    assert.equal(neededBytes([fused, fused], 2) - alone, 2 * 4 * 1000 * 16);
  });

  test("that is not there is refused with both numbers of bytes", () => {
    assertFits(100, 100, "a head");
    assert.throws(
      () => assertFits(5_000_000_000, 1_000_000_000, "a head"),
      /a head needs 5\.0 GB \(5000000000 bytes\).*1\.0 GB/,
    );
  });

  test("sizes go up in ones and threes of the powers of ten", () => {
    assert.deepEqual(classCounts(10_000, 1_000_000), [10_000, 30_000, 100_000, 300_000, 1_000_000]);
    assert.deepEqual(classCounts(5000, 40_000), [5000, 10_000, 30_000]);
    assert.deepEqual(classCounts(7, 7), [7]);
  });
});

test("the operations of a network are those of its convolutions and its linear layer", () => {
  // by hand: one stage, one block, 8 pixels, 1 → 2 → 3 channels, embedding 5
  const specification = smallIresnetSpecification({ side: 8, widths: [3], blocks: [1], embedding: 5 });
  const stem = 2 * 64 * 9 * 1 * 3; // 8 × 8 pixels, its input is not differentiated
  const first = 2 * 64 * 9 * 3 * 3; // before the stride
  const second = 2 * 16 * 9 * 3 * 3; // 4 × 4 pixels
  const shortcut = 2 * 16 * 3 * 3;
  const linear = 2 * (3 * 16) * 5;
  assert.equal(trainingOperations(specification, 7), 7 * (2 * stem + 3 * (first + second + shortcut + linear)));
});
