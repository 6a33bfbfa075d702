import assert from "node:assert/strict";
import { test } from "node:test";
import { quantile, ratiosByRound, summarize } from "../../src/benchmark/statistics.js";

test("a quantile between two samples lies between them, in proportion", () => {
  assert.equal(quantile([40, 10, 30, 20], 0.5), 25);
  assert.equal(quantile([40, 10, 30, 20], 0), 10);
  assert.equal(quantile([40, 10, 30, 20], 1), 40);
  assert.ok(Math.abs(quantile([40, 10, 30, 20], 0.1) - 13) < 1e-12); // a tenth of three gaps of 10, from 10 on
});

test("one slow sample moves neither the median nor the median deviation", () => {
  const quiet = summarize([9, 10, 11, 10, 9, 11, 10]);
  const disturbed = summarize([9, 10, 11, 10, 9, 11, 10_000]);
  assert.equal(quiet.median, 10);
  assert.equal(disturbed.median, 10);
  assert.equal(disturbed.deviation, 1);
  assert.ok(disturbed.spread > 100 && quiet.spread < 0.25);
});

test("ratios by round forget a slowdown that both had", () => {
  const slowdown = [1, 1, 5, 2, 1];
  const a = slowdown.map((factor) => 3 * factor);
  const b = slowdown.map((factor) => 6 * factor);
  assert.deepEqual(ratiosByRound(a, b), [2, 2, 2, 2, 2]);
});

test("no sample is no median; and rounds that differ in number are refused", () => {
  assert.throws(() => quantile([], 0.5), /no sample/);
  assert.throws(() => ratiosByRound([1], [1, 2]), /1 and 2 times/);
});
