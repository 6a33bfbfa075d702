import assert from "node:assert/strict";
import { test } from "node:test";
import { crossoverOf } from "../../src/benchmark/crossover.js";

const line = { fixed: 10, slope: 100 };
const points = [0.1, 0.2, 0.5].map((x) => ({ x, y: line.fixed + line.slope * x }));

test("the fitted line is followed to the time of r = 1", () => {
  assert.deepEqual(crossoverOf(points, 95, line), { ratio: 0.85, from: "line" }); // 10 + 100 · 0.85
});

test("a full softmax that is slower than the line ever gets leaves no crossover", () => {
  assert.equal(crossoverOf(points, 111, line), undefined);
  assert.equal(crossoverOf(points, 95, undefined), undefined);
});

test("between measured points it is interpolated", () => {
  assert.deepEqual(crossoverOf(points, 45, line), { ratio: 0.35, from: "measured" }); // half-way from 30 to 60
});

test("where even the smallest ratio is slower, sampling does not pay from there on", () => {
  assert.deepEqual(crossoverOf(points, 15, line), { ratio: 0.1, from: "measured" });
});
