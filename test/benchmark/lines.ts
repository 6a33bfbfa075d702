/** Lines of a record, as a benchmark writes them, for tests of what is made of them. */
import type { BenchmarkLine, HeaderLine, MeasurementLine } from "../../src/benchmark/lines.js";
import { FORMAT } from "../../src/benchmark/lines.js";
import { summarize } from "../../src/benchmark/statistics.js";

export function headerLine(what: HeaderLine["what"]): HeaderLine {
  return {
    kind: "benchmark",
    format: FORMAT,
    what,
    command: `pfc bench ${what}`,
    started: "2026-01-01T00:00:00.000Z",
    machine: { processor: "a <fast> one", cores: 2, memoryBytes: 8e9, platform: "linux x64", load: 0.1 },
    versions: { "partial-fc": "0.1.0", node: "v20", v8: "11" },
    settings: { classes: 1000 },
  };
}

export const limitsLine: BenchmarkLine = {
  ...{ kind: "limits", engine: "wasm, 2 threads, simd" },
  ...{ operationsPerSecond: 100e9, bytesPerSecond: 20e9 },
};

/** A step of the head that takes exactly so many seconds in every round, or these. */
export function stepLine(
  changed: { readonly ratio?: number; readonly classes?: number },
  seconds: number | readonly number[],
  more: Partial<MeasurementLine> = {},
): MeasurementLine {
  const { ratio = 0.1, classes = 1000 } = changed;
  const samples = typeof seconds === "number" ? [seconds, seconds, seconds] : seconds;
  return {
    kind: "measurement",
    name: `head step, r = ${ratio}`,
    variant: "",
    engine: "wasm, 2 threads, simd",
    settings: {
      classes,
      embedding: 16,
      batch: 8,
      ratio,
      update: "sparse",
      storage: "float32",
      path: "fused",
      sampled: 1,
    },
    ...summarize(samples),
    busy: false,
    reasons: [],
    samples,
    ...more,
  };
}
