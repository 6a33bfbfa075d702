import assert from "node:assert/strict";
import { test } from "node:test";
import { findings } from "../../src/benchmark/findings.js";
import { ratiosLine } from "../../src/benchmark/ratios.js";
import { headerLine, stepLine } from "./lines.js";

const ratios = [0.01, 0.1, 0.2, 0.5];
/** 2 ms + r · 100 ms, sampling included; the full softmax takes 92 ms. */
const sweep = [...ratios.map((ratio) => stepLine({ ratio }, 0.002 + 0.1 * ratio)), stepLine({ ratio: 1 }, 0.092)];

function near(actual: number | undefined, expected: number): void {
  assert.ok(actual !== undefined && Math.abs(actual - expected) < 1e-6 * expected, `${actual}, expected ${expected}`);
}

test("a sweep says what is fixed, what follows r, where they balance and where sampling stops to pay", () => {
  const { line, balance, crossover, relative } = ratiosLine("", sweep);
  near(line?.fixed, 0.002);
  near(line?.slope, 0.1);
  near(balance, 0.02);
  near(crossover?.ratio, 0.9);
  near(relative.find(({ ratio }) => ratio === 0.1)?.time.median, 0.012 / 0.092);
});

test("the share of the bound is that of the time that depends on r", () => {
  const full = stepLine({ ratio: 1 }, 0.092, { bound: { seconds: 0.04, by: "operations" } });
  near(ratiosLine("", [...sweep.slice(0, -1), full]).slopeFraction, 0.4);
});

test("without r = 1 there is nothing to compare with, and nothing is claimed", () => {
  const { relative, crossover, line } = ratiosLine("", sweep.slice(0, -1));
  assert.deepEqual(relative, []);
  assert.equal(crossover, undefined);
  near(line?.slope, 0.1);
  assert.doesNotMatch(findings([headerLine("ratios"), ratiosLine("", sweep.slice(0, -1))]).join(" "), /pays/);
});

test("one busy measurement marks what is said of all", () => {
  const disturbed = sweep.map((line, i) => (i === 2 ? { ...line, busy: true } : line));
  const line = ratiosLine("", disturbed);
  assert.ok(line.busy);
  assert.match(findings([line]).join(" "), /measured on a busy machine/);
});
