/**
 * The training loop: steps, validation on held-out classes, checkpoints, and one evaluation on unseen classes at the end.
 *
 * Killed at any moment and resumed, a run ends in the same bytes: a step is a function of the configuration, its number and the
 * checkpoint. The loop gives way to the event loop once a step, so that Ctrl-C is heard; a validation that it cuts short is
 * noted in the checkpoint and made after resuming.
 */
import { existsSync } from "node:fs";
import { QualityNetwork } from "../crfiqa/index.js";
import type { DataSet } from "../data/DataSet.js";
import type { Batch } from "../data/loader.js";
import { openDataSet } from "../data/openDataSet.node.js";
import { selectImages } from "../data/selectImages.js";
import type { Schedule } from "../nn/index.js";
import { headCost } from "../pfc/index.js";
import type { Engine } from "../tensor/engine.js";
import { buildSchedule, buildTrainee } from "./buildModel.js";
import { loadBackbone, loadCheckpoint, loadFinished, saveCheckpoint, type Progress } from "./checkpoint.node.js";
import { listSettings, type Configuration } from "./configuration.js";
import { embedImages } from "./embedImages.js";
import { evaluateModel, type Evaluation } from "./evaluateModel.node.js";
import type { EvaluationLine, StepLine } from "./metrics.js";
import { withPseudoLabels } from "./pseudoLabels.node.js";
import { RunFolder } from "./runFolder.node.js";
import { saveQualityModel } from "./qualityModel.node.js";
import { scoreEmbeddings } from "./scoreImages.js";
import { openStages, type Stage } from "./stages.node.js";
import { trainingStep, type Trainee } from "./trainingStep.js";

/** Training images that raw scores are compared with, evenly spaced. */
const CALIBRATION_IMAGES = 2000;

export interface TrainOptions {
  /** Of a new run: a vacant one, in which nothing is written before data and network are there. */
  readonly run: RunFolder;
  readonly configuration: Configuration;
  readonly engine: Engine;
  /** Folder of the data set's files; default: the environment variable PFC_DATA. */
  readonly data?: string;
  /** Go on from the newest checkpoint of the run's folder. */
  readonly resume: boolean;
  /** Stops after the step in progress, or in the middle of an evaluation, with a checkpoint. */
  readonly signal?: AbortSignal;
  /** All is loaded, the first step comes: from here on there is something to save. */
  readonly onReady?: () => void;
  readonly onStep?: (line: StepLine) => void;
  readonly onEvaluation?: (line: EvaluationLine) => void;
  readonly onNotice?: (text: string) => void;
}

/** Opens the data set that a configuration names; its training images have the classes of a clustering where one is named. */
export async function openData({ dataset, seed }: Configuration, folder: string | undefined): Promise<DataSet> {
  const data = await openDataSet({ ...dataset, data: folder, seed });
  try {
    return { ...data, train: await withPseudoLabels(data.train, dataset.pseudoLabels) };
  } catch (error) {
    await data.close?.();
    throw error;
  }
}

/**
 * Runs to the end (true) or until the signal (false).
 *
 * Throws, and leaves the last checkpoint, when the loss, the gradient or the state is no longer finite; when the folder is
 * claimed by another process; when a file cannot be read or written.
 */
export async function train(options: TrainOptions): Promise<boolean> {
  const { configuration } = options;
  const data = await openData(configuration, options.data);
  try {
    return await trainOn(data, options);
  } finally {
    await data.close?.();
  }
}

async function trainOn(data: DataSet, options: TrainOptions): Promise<boolean> {
  const { run, configuration, engine, resume } = options;
  const trainee = buildTrainee(engine, configuration, data.train, (text) => options.onNotice?.(text));
  const stages = openStages({ ...options, set: data.train, trainee });
  const begins = !resume || !existsSync(run.last); // a run that was killed before its first checkpoint begins again
  const base = configuration.quality.base || configuration.local.base;
  if (base && begins) await loadBase(trainee, configuration, base);
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  const schedule = buildSchedule(configuration, data.train.count);
  const training = { ...options, data, stages, trainee, schedule, seconds };
  const release = resume ? run.claim() : run.begin(configuration);
  try {
    return await runLoop(training);
  } finally {
    release();
  }
}

/** Backbone and centers of a finished run, that a run is trained on top of. @throws Error if it was trained on other classes */
async function loadBase(
  { backbone, head }: Trainee,
  { dataset, seed, quality }: Configuration,
  base: string,
): Promise<void> {
  const { run, configuration } = await RunFolder.open(base);
  // the built-in identities are those of a seed
  const identities = dataset.name === "builtin" ? { seed } : {};
  const before = new Map(listSettings({ dataset: configuration.dataset, seed: configuration.seed }));
  for (const [name, value] of listSettings({ dataset, ...identities })) {
    if (before.get(name) === value) continue;
    throw new Error(
      `${quality.base ? "quality" : "local"}.base: centers of ${base} are those of its classes, but it was trained with ${name} = ${before.get(name)}, and this run has ${value}.`,
    );
  }
  await loadFinished(run.model(), backbone instanceof QualityNetwork ? backbone.backbone : backbone, head);
}

/** What the parts of the loop share. */
interface Training extends Omit<TrainOptions, "data"> {
  readonly data: DataSet;
  readonly stages: ReturnType<typeof openStages>;
  readonly trainee: Trainee;
  readonly schedule: Schedule;
  /** Since training began. */
  readonly seconds: () => number;
}

/** One validation or one step a turn; a checkpoint where one is due and nothing else is. */
async function runLoop(training: Training): Promise<boolean> {
  const { run, configuration, trainee, signal } = training;
  const { steps, checkpointEvery } = configuration;
  let progress = await startingPoint(training);
  recordCost(training);
  training.onReady?.();
  let stage: Stage | undefined;
  let started = performance.now();
  while (!signal?.aborted && (progress.step < steps || progress.validationDue)) {
    if (!progress.validationDue && (!stage || progress.step === stage.end)) {
      stage = await nextStage(training, progress.step);
      if (!stage) break;
      started = performance.now();
    }
    const { validationDue: due } = progress;
    progress = due ? await validate(training, progress) : await update(training, progress, { stage: stage!, started });
    const { step, validationDue } = progress;
    if (!validationDue && (step % checkpointEvery === 0 || step === steps)) {
      await saveCheckpoint(run.last, trainee, progress, configuration);
    }
    started = performance.now();
    await new Promise(setImmediate);
  }
  if (signal?.aborted) {
    await saveCheckpoint(run.last, trainee, progress, configuration);
    return false;
  }
  return evaluateOnce(training);
}

/** undefined where the signal came first. */
async function nextStage({ stages, signal }: Training, step: number): Promise<Stage | undefined> {
  try {
    return await stages.at(step);
  } catch (error) {
    if (signal?.aborted) return undefined;
    throw error;
  }
}

/** Where to begin: the newest checkpoint when resuming (metrics after it are dropped), else step 0. */
async function startingPoint({ run, configuration, trainee, resume, onNotice }: Training): Promise<Progress> {
  if (!resume) return { step: 0 };
  const recorded = run.metrics().reduce((last, line) => Math.max(last, line.step), 0);
  if (!existsSync(run.last)) {
    // a run may be killed before its first checkpoint, and then begins again; but not after it
    if (recorded > configuration.checkpointEvery) {
      throw new Error(
        `${run.path} has metrics of ${recorded} steps and a checkpoint every ${configuration.checkpointEvery}, but ${run.last} is missing: ` +
          `put it back, or start another run in another folder.`,
      );
    }
    run.filterMetrics(() => false);
    onNotice?.("there is no checkpoint yet: the run begins again");
    return { step: 0 };
  }
  const progress = await loadCheckpoint(run.last, trainee, configuration);
  const { step, validationDue = false } = progress;
  run.filterMetrics(
    (line) => line.step < step || (line.step === step && !(validationDue && line.kind === "evaluation")),
  );
  onNotice?.(`resumed after step ${step} of ${configuration.steps}`);
  if (recorded < step) onNotice?.(`metrics.jsonl ends at step ${recorded}: the lines up to step ${step} are lost`);
  return progress;
}

/** What one step goes on from. */
interface Turn {
  readonly stage: Stage;
  /** When the turn before ended: a GPU engine may have been at work on its update since. */
  readonly started: number;
}

/** One step on the next batches, recorded. */
async function update(training: Training, progress: Progress, { stage, started }: Turn): Promise<Progress> {
  const { run, configuration, data, trainee, schedule, seconds } = training;
  const { accumulate, steps, evaluateEvery } = configuration;
  const { channels, height, width } = data.train;
  const asked = performance.now();
  const passes: Batch[] = [];
  while (passes.length < accumulate) passes.push((await stage.batches.next()).value as Batch);
  const dataMilliseconds = performance.now() - asked;
  const settings = schedule(progress.step);
  const step = progress.step + 1;
  const trained = stage.local ? trainee : { ...trainee, local: undefined };
  const result = await trainingStep(trained, passes, settings, [channels, height, width]);
  const { loss, quality, margin, local, gradientNorm, centerNorm, headMilliseconds } = result;
  checkFinite("loss", loss, step, settings.rate, run);
  checkFinite("gradient's norm", gradientNorm, step, settings.rate, run);
  const { index, positives } = trainee.head.lastSample!;
  const line: StepLine = {
    kind: "step",
    step,
    epoch: passes[0].epoch,
    loss,
    ...(quality && { quality }),
    ...(margin && { margin }),
    ...(local && { local }),
    rate: settings.rate,
    gradientNorm,
    centerNorm,
    sampled: index.length,
    positives,
    time: { stepMilliseconds: performance.now() - started, headMilliseconds, dataMilliseconds, seconds: seconds() },
  };
  run.append(line);
  training.onStep?.(line);
  if (step === 1 && trainee.quality?.frozen && quality && quality.classCenter < quality.nearestNegative) {
    training.onNotice?.(
      `images are nearer to wrong centers of the base (${quality.nearestNegative.toFixed(2)}) than to their own ` +
        `(${quality.classCenter.toFixed(2)}): it was trained on other classes, or too little`,
    );
  }
  // a frozen backbone is as good as it was: the last state is the one to keep
  const validated = data.validation !== undefined && !trainee.quality?.frozen;
  const due = validated && (step % evaluateEvery === 0 || step === steps);
  return { ...progress, step, ...(due && { validationDue: true }) };
}

function checkFinite(what: string, value: number, step: number, rate: number, run: RunFolder): void {
  if (Number.isFinite(value)) return;
  const kept = existsSync(run.last) ? `the last good checkpoint is kept in ${run.last}` : "there was no checkpoint yet";
  throw new Error(
    `the ${what} of step ${step} is ${value}: training stopped, ${kept}. ` +
      `Another run with a lower learning rate (here ${rate.toPrecision(3)}) or a longer warm-up usually helps.`,
  );
}

/** Evaluates on the held-out classes and keeps the best state; when the signal cuts it short, it stays due. */
async function validate(training: Training, progress: Progress): Promise<Progress> {
  const { run, configuration, trainee } = training;
  const evaluation = await evaluate(training, "validation");
  if (!evaluation) return progress;
  const { step, best } = progress;
  const score = evaluation.result.recallAt1;
  const improved = best === undefined || score > best;
  const validated: Progress = { step, best: improved ? score : best };
  if (improved) await saveCheckpoint(run.best, trainee, validated, configuration);
  record(training, "validation", step, evaluation);
  return validated;
}

/** Evaluates on the unseen classes, with the best state where there was a validation, and writes what scores images. A run is tested once. */
async function evaluateOnce(training: Training): Promise<boolean> {
  const { run, configuration, trainee } = training;
  const { backbone } = trainee;
  const tested = run.metrics().some((line) => line.kind === "evaluation" && line.part === "test");
  const unscored = backbone instanceof QualityNetwork && !existsSync(run.qualityModel);
  if (tested && !unscored) return true;
  if (existsSync(run.best)) await loadBackbone(run.best, backbone);
  const evaluation = tested ? undefined : await testOnce(training);
  if (!tested && !evaluation) return false;
  if (unscored) await saveModel(training, backbone);
  if (evaluation) {
    run.saveExamples(evaluation.examples);
    record(training, "test", configuration.steps, evaluation);
  }
  return true;
}

async function testOnce(training: Training): Promise<Evaluation | undefined> {
  const { test } = training.data;
  training.onNotice?.(`evaluating on ${test.count} images of ${test.classes} unseen classes`);
  return evaluate(training, "test");
}

/** What scores images from here on, calibrated on training images as they are. */
async function saveModel({ run, configuration, engine, data }: Training, network: QualityNetwork): Promise<void> {
  const { count, classes, channels, height } = data.train;
  const chosen = Math.min(count, CALIBRATION_IMAGES);
  const index = Int32Array.from({ length: chosen }, (_, i) => Math.floor((i * count) / chosen));
  const set = selectImages(data.train, index, "images to calibrate on");
  const embeddings = await embedImages({ engine, backbone: network, set });
  const references = await scoreEmbeddings({ engine, network }, embeddings, configuration.network.embedding);
  const format = { channels, side: height };
  await saveQualityModel(run.qualityModel, { engine, network, configuration, format, classes, references });
}

/** undefined when the signal cut it short. */
async function evaluate(
  { configuration, engine, trainee, data, signal }: Training,
  part: EvaluationLine["part"],
): Promise<Evaluation | undefined> {
  const { embedding } = configuration.network;
  try {
    return await evaluateModel({ engine, backbone: trainee.backbone, data, part, embedding, signal });
  } catch (error) {
    if (signal?.aborted && error === signal.reason) return undefined;
    throw error;
  }
}

function record(
  { run, seconds, onEvaluation }: Training,
  part: EvaluationLine["part"],
  step: number,
  { result }: Evaluation,
): void {
  const line: EvaluationLine = { kind: "evaluation", step, part, result, time: { seconds: seconds() } };
  run.append(line);
  onEvaluation?.(line);
}

/** What the head costs, once a run. */
function recordCost({ run, configuration, engine, data, trainee }: Training): void {
  if (run.metrics().some((line) => line.kind === "cost")) return;
  const { batch, head, network } = configuration;
  const { classes } = data.train;
  const bytesPerElement = engine.float === "float64" ? 8 : 4;
  const { embedding } = network;
  const features = head.features > 0 ? head.features : embedding;
  const cost = headCost({ classes, embedding, features, ratio: head.ratio, batch, bytesPerElement });
  const tables = [trainee.head.centers.store, ...trainee.headOptimizer.state().rows.values()];
  run.append({
    kind: "cost",
    step: 0,
    classes,
    sampled: cost.sampled,
    logitBytes: cost.logitsBytes,
    gatheredBytes: cost.gatheredBytes,
    storedBytes: tables.reduce((sum, { bytes }) => sum + bytes, 0),
    parameters: trainee.backbone.parameters().reduce((sum, { variable }) => sum + variable.tensor.size, 0),
    engine: engine.name,
  });
}
