import assert from "node:assert/strict";
import { test } from "node:test";
import { findings } from "../../src/benchmark/findings.js";
import type { BenchmarkLine } from "../../src/benchmark/lines.js";
import { resultTable } from "../../src/benchmark/resultTable.js";
import { headerLine, limitsLine, stepLine } from "./lines.js";

const wasm = "wasm, 2 threads, simd";
const gpu = "gpu.js webgpu, an adapter";
const opened: readonly BenchmarkLine[] = [
  { kind: "engine", engine: wasm, bounded: true },
  { kind: "engine", engine: gpu, bounded: false },
];

function column(lines: readonly BenchmarkLine[], title: string): string[] {
  const { head, rows } = resultTable(lines);
  return rows.map(({ cells }) => cells[head.indexOf(title)]);
}

test("a work on an engine whose limits are not measured has no bound, and the table says so", () => {
  const own = stepLine({}, 0.01, { operations: 1e8, bound: { seconds: 0.001, by: "operations" }, fraction: 0.1 });
  const other = stepLine({}, 0.02, { operations: 1e8, engine: gpu });
  const timeOnly = stepLine({}, 0.03, { engine: gpu });
  const lines = [headerLine("head"), ...opened, limitsLine, own, other, timeOnly];
  assert.deepEqual(column(lines, "of its bound"), ["10.0 % (operations)", "not known", ""]);
  const sentences = findings(lines).filter((sentence) => sentence.startsWith("Limits of"));
  assert.match(sentences[0], /^Limits of wasm.*100 GFLOP\/s/);
  assert.deepEqual(sentences.slice(1), [`Limits of ${gpu} are not known: none of its works has a bound.`]);
});

test("memory of a GPU engine is that of the device", () => {
  const memory = { kind: "memory", classes: 1000, peakBytes: 9e8, tableBytes: 2e8, benchmarkBytes: 0 } as const;
  const cell = (line: BenchmarkLine): string =>
    column([headerLine("head"), ...opened, line, stepLine({}, 0.01)], "peak memory / tables")[0];
  assert.match(cell(memory), /^900\.0 MB \/ 200\.0 MB = 4\.50$/);
  assert.match(cell({ ...memory, deviceBytes: 5e8 }), /^500\.0 MB on the device \/ 200\.0 MB = 2\.50$/);
});
