/** The kernels on every engine in turn, and the whole step of a small network. */
import { measureAlternatives, type BenchmarkRun, type Works } from "./benchmarkRun.js";
import type { Alternative, Engines } from "./engines.js";
import { fittingShapes, SHAPE_SETS, type ShapeSet } from "./kernelShapes.js";
import { kernelWorks } from "./kernelWorks.js";
import type { MeasurementLine } from "./lines.js";
import type { TrainSize } from "./trainWork.js";
import { trainWorks } from "./trainWork.js";
import type { Engine } from "../tensor/engine.js";

export interface KernelsChoice {
  /** Only works whose name contains one of these; default: all. */
  readonly words?: readonly string[];
  /** Default: the largest that the slowest of the engines computes in a short time. */
  readonly shapes?: ShapeSet;
}

export async function benchKernels(
  alternatives: readonly Alternative[],
  run: BenchmarkRun,
  { words, shapes }: KernelsChoice = {},
): Promise<MeasurementLine[]> {
  const worksOf = async (engines: Engines): Promise<Works> => {
    const common = shapes ?? (await commonShapes(engines.all)); // works are compared by name, and the shape is part of it
    return eachEngine((engine, variant) => kernelWorks(engine, variant, { words, shapes: common }))(
      engines,
      alternatives,
    );
  };
  return measureAlternatives(alternatives, worksOf, run);
}

/** The smallest of those that fit each engine. */
async function commonShapes(engines: readonly Engine[]): Promise<ShapeSet> {
  const fitting: ShapeSet[] = [];
  for (const engine of engines) fitting.push(await fittingShapes(engine));
  return SHAPE_SETS.find((set) => fitting.includes(set)) ?? "standard";
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
