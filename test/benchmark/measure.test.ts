import assert from "node:assert/strict";
import { test } from "node:test";
import { COPY, MULTIPLY_ADD, TRIAD } from "../../src/benchmark/limitWorks.js";
import type { BenchmarkLine } from "../../src/benchmark/lines.js";
import { measure } from "../../src/benchmark/measure.js";
import type { Work } from "../../src/benchmark/work.js";

let now = 0;
const taking = (milliseconds: number, work: Partial<Work>): Work => ({
  ...{ name: "work", variant: "", engine: "e" },
  ...work,
  prepare: () => undefined, // one call a sample
  run: () => void (now += milliseconds),
});
const quiet = { elapsed: 10, own: 10, all: 10, stolen: 0 };

async function measured(works: readonly Work[], window = quiet): Promise<BenchmarkLine[]> {
  const lines: BenchmarkLine[] = [];
  const options = { rounds: 3, threads: 1, watch: () => () => window, clock: () => now };
  await measure(works, { ...options, onLine: (line) => lines.push(line) });
  return lines;
}

/** 1 operation a nanosecond, and 2 and 4 bytes. */
const limits = [
  taking(1, { name: MULTIPLY_ADD, operations: 1e6 }),
  taking(1, { name: COPY, bytes: 2e6 }),
  taking(1, { name: TRIAD, bytes: 4e6 }),
];

test("a work is held against the limits of its own engine, by the better of both bandwidths", async () => {
  const lines = await measured([
    ...limits,
    taking(8, { operations: 2e6, bytes: 1e6 }),
    taking(5, { engine: "other", operations: 1 }),
  ]);
  const [, own, other] = [0, 3, 4].map((i) => lines.filter(({ kind }) => kind === "measurement")[i]);
  assert.ok(own.kind === "measurement" && other.kind === "measurement");
  assert.deepEqual(own.bound, { seconds: 2e6 / 1e9, by: "operations" });
  assert.ok(Math.abs(own.fraction! - 0.25) < 1e-12);
  assert.equal(other.bound, undefined);
  const limit = lines.find(({ kind }) => kind === "limits");
  assert.ok(limit?.kind === "limits" && Math.abs(limit.bytesPerSecond / 4e9 - 1) < 1e-9);
});

test("alternatives of one name are compared with the first of them", async () => {
  const lines = await measured([
    taking(4, { variant: "a" }),
    taking(2, { variant: "b" }),
    taking(1, { name: "another" }),
  ]);
  const [a, b, another] = lines.filter((line) => line.kind === "measurement");
  assert.equal(a.against, undefined);
  assert.equal(another.against, undefined);
  assert.equal(b.against?.variant, "a");
  assert.ok(Math.abs(b.against.ratio.median - 0.5) < 1e-12);
});

test("rounds are told as they end, before what is made of them", async () => {
  const lines = await measured([taking(3, {})]);
  assert.deepEqual(
    lines.map(({ kind }) => kind),
    ["round", "round", "round", "measurement"],
  );
  assert.ok(lines[0].kind === "round" && lines[0].seconds[0][0] === "work");
});

test("on a busy machine every row says so", async () => {
  const [line] = (await measured([taking(3, {})], { ...quiet, all: 15 })).filter(({ kind }) => kind === "measurement");
  assert.ok(line.kind === "measurement" && line.busy);
  assert.deepEqual(line.reasons, ["others 50 %"]);
});
