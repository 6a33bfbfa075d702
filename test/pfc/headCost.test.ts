import assert from "node:assert/strict";
import { test } from "node:test";
import { headCost } from "../../src/pfc/headCost.js";

test("logits, gathered centers and products follow r·C, the store follows C", () => {
  const base = { classes: 100_000, embedding: 512, batch: 128 };
  const tenth = headCost({ ...base, ratio: 0.1 });
  const full = headCost({ ...base, ratio: 1 });
  assert.equal(tenth.sampled, 10_000);
  assert.equal(tenth.logitsBytes, 128 * 10_000 * 4);
  assert.equal(full.logitsBytes, 10 * tenth.logitsBytes);
  assert.equal(full.gatheredBytes, 10 * tenth.gatheredBytes);
  assert.equal(full.flops, 10 * tenth.flops);
  assert.equal(full.centerBytes, tenth.centerBytes);
  assert.equal(full.stateBytes, 100_000 * 512 * 4);
});

test("with twice the ranks and twice the classes a rank's centers stay, its full logits double", () => {
  const one = headCost({ classes: 1000, embedding: 64, batch: 32, ratio: 1 });
  const two = headCost({ classes: 2000, embedding: 64, batch: 32, ratio: 1, ranks: 2 });
  assert.equal(two.centerBytes, one.centerBytes);
  assert.equal(two.logitsBytes, 2 * one.logitsBytes);
});

test("a selection of dimensions divides products and compared centers once more: both savings multiply", () => {
  const base = { classes: 100_000, embedding: 512, batch: 128 };
  const full = headCost({ ...base, ratio: 1 });
  const dual = headCost({ ...base, ratio: 0.1, features: 128 });
  assert.equal(full.flops, 40 * dual.flops);
  assert.equal(full.gatheredBytes, 40 * dual.gatheredBytes);
  assert.equal(full.centerBytes, dual.centerBytes);
  assert.throws(() => headCost({ ...base, ratio: 1, features: 513 }), /all 512 dimensions .* given 513/);
});
