import assert from "node:assert/strict";
import { test } from "node:test";
import { fitLine, type Point } from "../../src/benchmark/fitLine.js";

const xs = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5];
const on = (fixed: number, slope: number): Point[] => xs.map((x) => ({ x, y: fixed + slope * x }));

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance * Math.abs(expected), `${actual}, expected ${expected}`);
}

test("points on a line give that line", () => {
  const line = fitLine(on(0.003, 0.4))!;
  near(line.fixed, 0.003, 1e-9);
  near(line.slope, 0.4, 1e-9);
});

test("one disturbed point hardly turns the line", () => {
  const points = on(0.003, 0.4).map((point, i) => (i === 3 ? { ...point, y: 3 * point.y } : point));
  const line = fitLine(points)!;
  near(line.fixed, 0.003, 0.02);
  near(line.slope, 0.4, 0.02);
});

test("small times weigh as much as large ones: a percent is a percent", () => {
  const points = on(0.003, 0.4).map(({ x, y }, i) => ({ x, y: y * (i % 2 === 0 ? 1.01 : 0.99) }));
  const line = fitLine(points)!;
  near(line.fixed, 0.003, 0.06);
  near(line.slope, 0.4, 0.03);
});

test("a line that would begin below zero begins at zero", () => {
  const line = fitLine(xs.map((x) => ({ x, y: x * x })))!;
  assert.equal(line.fixed, 0);
  assert.ok(line.slope > 0);
});

test("one x is no line", () => {
  assert.equal(fitLine([{ x: 1, y: 1 }]), undefined);
  assert.equal(
    fitLine([
      { x: 1, y: 1 },
      { x: 1, y: 2 },
    ]),
    undefined,
  );
});
