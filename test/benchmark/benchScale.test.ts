import assert from "node:assert/strict";
import { test } from "node:test";
import { benchScale, type ScaleOptions } from "../../src/benchmark/benchScale.js";
import type { BenchmarkLine } from "../../src/benchmark/lines.js";
import { headerLine, limitsLine, stepLine } from "./lines.js";

const size = { classes: 1000, embedding: 16, batch: 8, ratio: 0.1, update: "sparse", storage: "float32" } as const;

/** Bytes of memory there → the lines, and the sizes that were measured. */
async function scaled(available: number): Promise<{ lines: BenchmarkLine[]; tried: number[] }> {
  const lines: BenchmarkLine[] = [];
  const tried: number[] = [];
  const measureSize: ScaleOptions["measureSize"] = async (classes) => {
    tried.push(classes);
    return [headerLine("head"), limitsLine, stepLine({ classes }, 0.01)];
  };
  const options = {
    size,
    path: "fused",
    mostClasses: 100_000,
    tables: 1,
    available: () => available,
    measureSize,
  } as const;
  await benchScale({ ...options, onLine: (line) => lines.push(line) });
  return { lines, tried };
}

test("every size is measured, under a name of its own, and has no header of its own", async () => {
  const { lines, tried } = await scaled(1e9);
  assert.deepEqual(tried, [1000, 3000, 10_000, 30_000, 100_000]);
  const names = lines.flatMap((line) => (line.kind === "measurement" ? [line.name] : []));
  assert.equal(names[3], "head step, r = 0.1, C = 30,000");
  assert.ok(!lines.some(({ kind }) => kind === "benchmark"));
});

test("the first size that does not fit ends it, with both numbers of bytes", async () => {
  const { lines, tried } = await scaled(3_000_000); // 16 numbers, twice, of 4 bytes: 128 bytes a class
  assert.deepEqual(tried, [1000, 3000, 10_000]);
  const refused = {
    kind: "refused",
    classes: 30_000,
    neededBytes: 128 * 30_000 + 4 * 8 * 3000,
    availableBytes: 3_000_000,
  };
  assert.deepEqual(lines.at(-1), refused);
});

test("a smallest size that does not fit is an error", async () => {
  await assert.rejects(scaled(1000), /1000 classes needs .*\(131200 bytes\).*\(1000 bytes\)/);
});
