/** One network of the experiment, trained by the project's own step. */
import { QualityNetwork } from "../../src/crfiqa/index.js";
import { loader } from "../../src/data/loader.js";
import type { ImageSet } from "../../src/data/ImageSet.js";
import type { Module } from "../../src/nn/index.js";
import type { PartialFC } from "../../src/pfc/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { buildAugmentation, buildSchedule, buildTrainee } from "../../src/training/buildModel.js";
import { complete, overlay, type Configuration, type PartialConfiguration } from "../../src/training/configuration.js";
import { loadInto } from "./loadInto.js";
import { trainingStep, type StepResult } from "../../src/training/trainingStep.js";
import { SETTINGS } from "./settings.js";

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

/** @param onto a trained network whose backbone and centers stay as they are: the variant onTop */
export async function trainNetwork(
  engine: Engine,
  set: ImageSet,
  changes: PartialConfiguration,
  onto?: Trained,
): Promise<Trained> {
  const configuration = complete(overlay(SETTINGS, changes));
  const trainee = buildTrainee(engine, configuration, set, () => undefined);
  if (onto) await loadInto(trainee, onto);
  const { batch, seed, steps } = configuration;
  const batches = loader({ set, batch, seed, augmentation: buildAugmentation(configuration) });
  const schedule = buildSchedule(configuration);
  const results: StepResult[] = [];
  const milliseconds: number[] = [];
  let started = performance.now();
  for await (const images of batches.from(0, steps)) {
    const shape = [set.channels, set.height, set.width] as const;
    const result = await trainingStep(trainee, [images], schedule(images.step), shape);
    if (!Number.isFinite(result.loss)) throw new Error(`the loss of step ${images.step} is ${result.loss}`);
    results.push(result);
    milliseconds.push(performance.now() - started);
    started = performance.now();
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

/** Its network with a unit. @throws Error where quality was not learned */
export function qualityNetworkOf({ backbone }: Trained): QualityNetwork {
  if (backbone instanceof QualityNetwork) return backbone;
  throw new Error("this network was trained without a regression unit.");
}
