/** One measurement with benchmark.js: the median of its samples and their spread. */
import Benchmark from "benchmark";

export interface Measurement {
  /** Seconds a call: median, and 10th and 90th percentile. */
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly samples: number;
}

/** Calls `work` for about `seconds`; every call computes anew. */
export function measure(name: string, work: () => void, seconds = 2): Measurement {
  const benchmark = new Benchmark(name, work, { maxTime: seconds, minSamples: 7 });
  benchmark.run();
  if (benchmark.error) throw new Error(`${name}: ${String(benchmark.error)}`);
  const times = [...(benchmark.stats.sample as number[])].sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(share * times.length))];
  return { median: at(0.5), low: at(0.1), high: at(0.9), samples: times.length };
}
