/**
 * The training loop: steps, validation on held-out classes, checkpoints, and one evaluation on unseen classes at the end.
 *
 * Killed at any moment and resumed, a run ends in the same bytes: a step is a function of the configuration, its number and the
 * checkpoint. The loop gives way to the event loop once a step, so that Ctrl-C is heard.
 */
import { existsSync } from "node:fs";
import { openDataSet } from "../data/openDataSet.node.js";
import type { Augmentation } from "../data/augmentation.js";
import type { DataSet } from "../data/DataSet.js";
import { loader, type Batch } from "../data/loader.js";
import { centerNorms, headCost } from "../pfc/index.js";
import type { Engine } from "../tensor/engine.js";
import { buildBackbone, buildHead, buildOptimizer, buildSchedule } from "./buildModel.js";
import { loadBackbone, loadCheckpoint, saveCheckpoint, type Progress } from "./checkpoint.node.js";
import type { Configuration } from "./configuration.js";
import { evaluateModel } from "./evaluateModel.node.js";
import type { EvaluationLine, StepLine } from "./metrics.js";
import type { RunFolder } from "./runFolder.node.js";
import { trainingStep, type Trainee } from "./trainingStep.js";

export interface TrainOptions {
  readonly run: RunFolder;
  readonly configuration: Configuration;
  readonly engine: Engine;
  /** Folder of the data set's files; default: the environment variable PFC_DATA. */
  readonly data?: string;
  /** Go on from the newest checkpoint of the run's folder. */
  readonly resume: boolean;
  /** Stops after the step in progress, with a checkpoint. */
  readonly signal?: AbortSignal;
  readonly onStep?: (line: StepLine) => void;
  readonly onEvaluation?: (line: EvaluationLine) => void;
  readonly onNotice?: (text: string) => void;
}

/** Opens the data set that a configuration names. */
export async function openData({ dataset, seed }: Configuration, folder: string | undefined): Promise<DataSet> {
  const { name, side, rotations, holdOut, identities, testIdentities, samples } = dataset;
  return openDataSet({ name, data: folder, side, rotations, holdOut, identities, testIdentities, samples, seed });
}

/** Runs to the end (true) or until the signal (false). Throws when the loss is no longer a number. */
export async function train(options: TrainOptions): Promise<boolean> {
  const { run, configuration, engine, signal } = options;
  const { batch, accumulate, steps, seed, network, optimizer } = configuration;
  const data = await openData(configuration, options.data);
  const { channels, height, width, classes } = data.train;
  const augmentation = augmentationOf(configuration);
  const batches = loader({ set: data.train, batch, seed, augmentation });

  const backbone = buildBackbone(engine, configuration, { channels, side: height });
  const head = buildHead(engine, configuration, classes, options.onNotice ?? (() => undefined));
  const trainee: Trainee = {
    engine,
    backbone,
    head,
    backboneOptimizer: buildOptimizer(backbone, configuration),
    headOptimizer: buildOptimizer(head, configuration),
    clip: optimizer.clip > 0 ? optimizer.clip : Infinity,
    seed,
  };
  let progress = await startingPoint(options, trainee);
  if (progress.step === 0) recordCost(options, trainee, classes);
  const schedule = buildSchedule(configuration);
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;

  while (progress.step < steps && !signal?.aborted) {
    const stepStarted = performance.now();
    const passes = passesOf(batches.from(progress.step * accumulate, (progress.step + 1) * accumulate));
    const settings = schedule(progress.step);
    const { loss, gradientNorm, headMilliseconds } = await trainingStep(trainee, passes, settings, [
      channels,
      height,
      width,
    ]);
    const step = progress.step + 1;
    if (!Number.isFinite(loss)) {
      throw new Error(
        `the loss of step ${step} is ${loss}: training stopped; the last good checkpoint is kept in ${run.checkpoints}. ` +
          `A lower learning rate (now ${settings.rate.toPrecision(3)}) or more warm-up usually helps.`,
      );
    }
    const { mean: centerNorm } = await centerNorms(head.centers.store, 100);
    const { index, positives } = head.lastSample!;
    const time = { stepMilliseconds: performance.now() - stepStarted, headMilliseconds, seconds: seconds() };
    const line: StepLine = {
      kind: "step",
      step,
      epoch: passes[0].epoch,
      loss,
      rate: settings.rate,
      gradientNorm,
      centerNorm,
      sampled: index.length,
      positives,
      time,
    };
    run.append(line);
    options.onStep?.(line);
    progress = { ...progress, step };

    if (data.validation && (step % configuration.evaluateEvery === 0 || step === steps)) {
      const { result } = await evaluateModel({
        engine,
        backbone,
        data,
        part: "validation",
        embedding: network.embedding,
      });
      record(options, { kind: "evaluation", step, part: "validation", result, time: { seconds: seconds() } });
      if (progress.best === undefined || result.recallAt1 > progress.best) {
        progress = { step, best: result.recallAt1 };
        await saveCheckpoint(run.best, trainee, progress);
      }
    }
    if (step % configuration.checkpointEvery === 0 || step === steps) await saveCheckpoint(run.last, trainee, progress);
    await new Promise(setImmediate);
  }
  if (progress.step < steps) {
    await saveCheckpoint(run.last, trainee, progress);
    return false;
  }
  await evaluateOnce(options, trainee, data, seconds);
  return true;
}

/** Where to begin: the newest checkpoint when resuming (metrics after it are dropped), else step 0. */
async function startingPoint({ run, resume, onNotice }: TrainOptions, trainee: Trainee): Promise<Progress> {
  if (!resume) return { step: 0 };
  const progress: Progress = existsSync(run.last) ? await loadCheckpoint(run.last, trainee) : { step: 0 };
  // a run killed before its first checkpoint begins again, and records its cost line again
  run.truncateMetrics(progress.step === 0 ? -1 : progress.step);
  onNotice?.(`resumed after step ${progress.step}`);
  return progress;
}

function passesOf(batches: Iterable<Batch>): Batch[] {
  return [...batches];
}

function augmentationOf({ augmentation }: Configuration): Augmentation {
  const { rotation, shear, scale, translation, flip, erase } = augmentation;
  return { affine: { rotation, shear, scale, translation }, flip, ...(erase > 0 && { erase: { probability: erase } }) };
}

function recordCost({ run, configuration, engine }: TrainOptions, { backbone }: Trainee, classes: number): void {
  const { batch, head, network, optimizer } = configuration;
  const states = optimizer.kind === "adamw" ? 2 : optimizer.momentum > 0 ? 1 : 0;
  const bytesPerElement = engine.float === "float64" ? 8 : 4;
  const cost = headCost({ classes, embedding: network.embedding, ratio: head.ratio, batch, states, bytesPerElement });
  run.append({
    kind: "cost",
    step: 0,
    classes,
    sampled: cost.sampled,
    logitBytes: cost.logitsBytes,
    gatheredBytes: cost.gatheredBytes,
    storedBytes: cost.centerBytes + cost.stateBytes,
    parameters: backbone.parameters().reduce((sum, { variable }) => sum + variable.tensor.size, 0),
    engine: engine.name,
  });
}

/** Evaluates on the unseen classes, with the best state where there was a validation. A run is tested once. */
async function evaluateOnce(
  options: TrainOptions,
  { engine, backbone }: Trainee,
  data: DataSet,
  seconds: () => number,
): Promise<void> {
  const { run, configuration } = options;
  if (run.metrics().some((line) => line.kind === "evaluation" && line.part === "test")) return;
  if (data.validation && existsSync(run.best)) await loadBackbone(run.best, backbone);
  const { embedding } = configuration.network;
  const { result, examples } = await evaluateModel({ engine, backbone, data, part: "test", embedding });
  run.saveExamples(examples);
  const { steps: step } = configuration;
  record(options, { kind: "evaluation", step, part: "test", result, time: { seconds: seconds() } });
}

function record({ run, onEvaluation }: TrainOptions, line: EvaluationLine): void {
  run.append(line);
  onEvaluation?.(line);
}
