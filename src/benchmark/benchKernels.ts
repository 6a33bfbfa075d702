/** The kernels on every engine in turn, and the whole step of a small network. */
import { measureAlternatives, type BenchmarkRun, type Works } from "./benchmarkRun.js";
import type { Alternative, Engines } from "./engines.js";
import { kernelWorks } from "./kernelWorks.js";
import type { MeasurementLine } from "./lines.js";
import type { TrainSize } from "./trainWork.js";
import { trainWorks } from "./trainWork.js";
import type { Engine } from "../tensor/engine.js";

export async function benchKernels(
  alternatives: readonly Alternative[],
  run: BenchmarkRun,
  words: readonly string[] = [],
): Promise<MeasurementLine[]> {
  const works = eachEngine((engine, variant) => kernelWorks(engine, variant, words));
  return measureAlternatives(alternatives, works, run);
}

export async function benchTrain(
  alternatives: readonly Alternative[],
  size: TrainSize,
  run: BenchmarkRun,
): Promise<MeasurementLine[]> {
  const works = eachEngine(async (engine, variant) => trainWorks(engine, variant, size));
  return measureAlternatives(alternatives, works, run);
}

/** The works of every alternative, each on its own engine. */
function eachEngine(
  worksOn: (engine: Engine, variant: string) => Works | Promise<Works>,
): (engines: Engines, alternatives: readonly Alternative[]) => Promise<Works> {
  return async (engines, alternatives) => {
    const parts: Works[] = [];
    for (const alternative of alternatives) {
      parts.push(await worksOn(await engines.open(alternative), alternative.variant));
    }
    return {
      works: parts.flatMap(({ works }) => works),
      dispose: () => {
        for (const part of parts) part.dispose();
      },
    };
  };
}
