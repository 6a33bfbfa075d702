/** `pfc bench kernels` in a page, where WebGL2 is: the same works, measured by the same clock. */
import { benchKernels } from "../../src/benchmark/benchKernels.js";
import type { ShapeSet } from "../../src/benchmark/kernelShapes.js";
import type { BenchmarkLine } from "../../src/benchmark/lines.js";
import type { EngineName } from "../../src/tensor/engineNames.js";

export interface PageBenchmark {
  readonly engines: readonly EngineName[];
  readonly words: readonly string[];
  readonly rounds: number;
  readonly shapes?: ShapeSet;
}

/** A page is told nothing of processors and memory. */
const unwatched = {
  watch: () => () => ({ elapsed: 0, own: 0, all: 0, stolen: 0 }),
  availableMemory: () => Infinity,
  peakMemory: () => 0,
};

export async function run({ engines, words, rounds, shapes }: PageBenchmark): Promise<readonly BenchmarkLine[]> {
  Object.assign(globalThis, { setImmediate: (callback: () => void) => setTimeout(callback) }); // only Node has it
  const lines: BenchmarkLine[] = [];
  const alternatives = engines.map((engine) => ({ engine, variant: engines.length > 1 ? engine : "" }));
  await benchKernels(alternatives, { ...unwatched, rounds, onLine: (line) => lines.push(line) }, { words, shapes });
  return lines;
}
