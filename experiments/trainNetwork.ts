/** One network of an experiment, trained by the project's own step. */
import { loader, type Loader } from "../src/data/loader.js";
import type { ImageSet } from "../src/data/ImageSet.js";
import { tupleLoader } from "../src/data/index.js";
import type { Module } from "../src/nn/index.js";
import type { PartialFC } from "../src/pfc/index.js";
import type { Engine } from "../src/tensor/engine.js";
import { buildAugmentation, buildSchedule, buildTrainee } from "../src/training/buildModel.js";
import { complete, type Configuration, type PartialConfiguration } from "../src/training/configuration.js";
import { predictClasses } from "../src/training/predictClasses.js";
import { trainingStep, type StepResult, type Trainee } from "../src/training/trainingStep.js";

export interface Trained {
  readonly configuration: Configuration;
  readonly backbone: Module;
  readonly head: PartialFC;
  readonly stepsPerEpoch: number;
  readonly steps: readonly StepResult[];
  /** Milliseconds of each step, its data included. */
  readonly milliseconds: readonly number[];
  dispose(): void;
}

/**
 * @param begin changes initial weights before the first step, or where they are trained further; what it returns, if anything, is trained in
 * place of what it was given
 */
export async function trainNetwork(
  engine: Engine,
  set: ImageSet,
  settings: PartialConfiguration,
  begin?: (trainee: Trainee) => Promise<Trainee | void>,
): Promise<Trained> {
  const configuration = complete(settings);
  const built = buildTrainee(engine, configuration, set, () => undefined);
  const trainee = (await begin?.(built)) ?? built;
  const { accumulate, steps } = configuration;
  const batches = await openBatches(trainee, set, configuration);
  const schedule = buildSchedule(configuration, set.count);
  const results: StepResult[] = [];
  const milliseconds: number[] = [];
  const shape = [set.channels, set.height, set.width] as const;
  const upcoming = batches.from(0, steps * accumulate);
  for (let step = 0; step < steps; step++) {
    const started = performance.now();
    const passes = [];
    while (passes.length < accumulate) passes.push((await upcoming.next()).value!);
    const result = await trainingStep(trainee, passes, schedule(step), shape);
    if (!Number.isFinite(result.loss)) throw new Error(`the loss of step ${step} is ${result.loss}`);
    results.push(result);
    milliseconds.push(performance.now() - started);
  }
  const { backbone, head, backboneOptimizer, headOptimizer } = trainee;
  backboneOptimizer.dispose();
  headOptimizer.dispose();
  const dispose = (): void => {
    backbone.dispose();
    head.dispose();
  };
  return { configuration, backbone, head, stepsPerEpoch: batches.stepsPerEpoch, steps: results, milliseconds, dispose };
}

/** Images, or tuples from the first step on (CFCD): hard ones by what the network takes images for as it begins. */
async function openBatches(trainee: Trainee, set: ImageSet, configuration: Configuration): Promise<Loader> {
  const { batch, seed, local } = configuration;
  const options = { set, batch, seed, augmentation: buildAugmentation(configuration) };
  if (local.tuple === 0) return loader(options);
  if (local.from > 0) throw new Error(`an experiment trains its stages one by one; given local.from ${local.from}.`);
  const predictions = local.hard
    ? { truth: set.labels, predicted: (await predictClasses({ ...trainee, set })).predicted }
    : undefined;
  return tupleLoader({ ...options, tuple: local.tuple, predictions });
}
