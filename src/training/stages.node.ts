/**
 * What a run is trained on, stretch by stretch: shuffled images, and from the step of the local stage on tuples (CFCD).
 *
 * Hard tuples need to know what the network mistakes for what. That is looked at once, when the stage begins, and written beside the run, so
 * that a run that is resumed draws the same tuples.
 */
import { existsSync, readFileSync } from "node:fs";
import { imageNames, type ImageSet } from "../data/ImageSet.js";
import { loader, type Batch, type Loader, type LoaderOptions } from "../data/loader.js";
import { formatPredictions, parsePredictions, tupleLoader, type ClassPredictions } from "../data/index.js";
import { buildAugmentation } from "./buildModel.js";
import type { Configuration } from "./configuration.js";
import { checkCells } from "./localObjective.js";
import { predictClasses } from "./predictClasses.js";
import type { RunFolder } from "./runFolder.node.js";
import type { Trainee } from "./trainingStep.js";
import { writeWhole } from "./writeWhole.node.js";

export interface Stage {
  /** From the step that was asked for to the end of the stage. */
  readonly batches: AsyncIterator<Batch>;
  /** The update with which the stage ends. */
  readonly end: number;
  /** Batches are tuples. */
  readonly local: boolean;
}

export interface StageOptions {
  readonly configuration: Configuration;
  readonly set: ImageSet;
  readonly run: RunFolder;
  readonly trainee: Trainee;
  readonly signal?: AbortSignal;
  readonly onNotice?: (text: string) => void;
}

/**
 * The stages of a run, by the update after which one is asked for: `at(step)` is rejected where predictions of a stage under way are missing, or
 * with the signal's reason.
 *
 * @throws Error if a set makes no batches or no tuples, or the network no cells to match
 */
export function openStages(options: StageOptions): { at(step: number): Promise<Stage> } {
  const { configuration, set, trainee } = options;
  const { batch, seed, accumulate, steps, local } = configuration;
  const shared: LoaderOptions = { set, batch, seed, augmentation: buildAugmentation(configuration) };
  const from = local.tuple === 0 ? steps : local.from;
  const plain = loader(shared);
  const tuplesOf = (predictions?: ClassPredictions): Loader =>
    tupleLoader({ ...shared, tuple: local.tuple, predictions });
  if (local.tuple > 0) tuplesOf(); // whatever it refuses is refused before the first step
  if (trainee.local) checkCells(trainee.local, trainee.engine, set);
  const stretch = (batches: Loader, first: number, end: number): AsyncGenerator<Batch> =>
    batches.from(first * accumulate, end * accumulate);
  return {
    async at(step) {
      if (step < from) return { batches: stretch(plain, step, from), end: from, local: false };
      if (step === steps) return { batches: stretch(plain, steps, steps), end: steps, local: false };
      const predictions = local.hard ? await predictionsAt(options, step === from) : undefined;
      const tuples = inFile(options.run.predictions, () => tuplesOf(predictions));
      const batches = numberedFrom(from * accumulate, stretch(tuples, step - from, steps - from));
      return { batches, end: steps, local: true };
    },
  };
}

/** Of a file that was written for these images. @throws Error naming the first line of another image, or as `parsePredictions` */
function predictionsOf(set: ImageSet, file: string): ClassPredictions {
  const predictions = parsePredictions(readFileSync(file, "utf8"), file);
  const { paths } = predictions;
  const other = paths.length === set.count ? imageNames(set).findIndex((name, image) => name !== paths[image]) : -1;
  if (other < 0) return predictions; // their number is compared with the set's where tuples are made of them
  throw new Error(
    `${file}: predictions are in the order of the training images, but line ${other + 1} is of "${paths[other]}" and image ${other} is "${imageNames(set)[other]}".`,
  );
}

/** With their numbers in the run, so that what is drawn by them (sampled classes, dropout) is drawn anew in a later stage. */
async function* numberedFrom(first: number, batches: AsyncGenerator<Batch>): AsyncGenerator<Batch, void> {
  for await (const batch of batches) yield { ...batch, step: first + batch.step };
}

/** What `make` refuses of the file's predictions, with the file's name. */
function inFile<T>(file: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new Error(`${file}: ${(cause as Error).message}`, { cause });
  }
}

/** Those of this run: read where they are, made where the stage begins. */
async function predictionsAt(
  { run, set, trainee, signal, onNotice }: StageOptions,
  begins: boolean,
): Promise<ClassPredictions> {
  if (!begins && existsSync(run.predictions)) {
    return predictionsOf(set, run.predictions);
  }
  if (!begins) {
    throw new Error(
      `${run.predictions} is missing, from which the tuples of the stage under way are drawn: put it back, or begin another run.`,
    );
  }
  const { engine, backbone, head } = trainee;
  const { predicted, scores } = await predictClasses({ engine, backbone, head, set, signal });
  const truth = set.labels;
  const wrong = truth.reduce((count, label, image) => count + Number(label !== predicted[image]), 0);
  onNotice?.(
    `local stage: the network mistakes ${wrong} of ${truth.length} training images for others; tuples are drawn from them`,
  );
  writeWhole(run.predictions, formatPredictions({ paths: imageNames(set), truth, predicted, scores }));
  return { truth, predicted };
}
