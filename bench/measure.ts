/** One measurement with benchmark.js: the median of its samples and their spread. */
import Benchmark from "benchmark";
import { summarize, type Summary } from "../src/benchmark/statistics.js";
import type { Work } from "../src/benchmark/work.js";

/** Calls a work that needs no preparation for about `seconds`; every call computes anew. */
export function measure({ name, run }: Work, seconds = 2): Summary & { readonly samples: number } {
  const benchmark = new Benchmark(name, run, { maxTime: seconds, minSamples: 7 });
  benchmark.run();
  if (benchmark.error) throw new Error(`${name}: ${String(benchmark.error)}`);
  const times = benchmark.stats.sample as number[];
  return { ...summarize(times), samples: times.length };
}
