import assert from "node:assert/strict";
import { test } from "node:test";
import { centerNorms, meanCenterNorm } from "../../src/pfc/centerNorms.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";

const engine = new ReferenceEngine("float64");
// row j is (3j, 4j): its norm is 5j
const store = engine.rowStore(11, 2, { initialize: (row, target, offset) => target.set([3 * row, 4 * row], offset) });

test("norms of all centers when there are few", async () => {
  assert.deepEqual(await centerNorms(store), { mean: 25, smallest: 0, largest: 50, rows: 11 });
});

test("norms of evenly spaced centers when there are many", async () => {
  // rows 0, 2, 5, 8 of 11
  assert.deepEqual(await centerNorms(store, 4), { mean: (5 * 15) / 4, smallest: 0, largest: 40, rows: 4 });
});

test("their mean as a tensor, which nobody has read", async () => {
  const { tensors } = engine.memory();
  for (const [limit, mean] of [
    [undefined, 25],
    [4, (5 * 15) / 4],
  ] as const) {
    assert.equal(await meanCenterNorm(store, limit).item(), mean);
  }
  assert.equal(engine.memory().tensors, tensors);
});

test("leaves no tensor behind", async () => {
  const before = engine.memory().tensors;
  await centerNorms(store);
  assert.equal(engine.memory().tensors, before);
});
