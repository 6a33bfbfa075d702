/** Claims 1, 2 and 4: scale, margin and median of one run of MadaCos, and what each of its batches was told. */
import type { ImageSet } from "../../src/data/ImageSet.js";
import type { PartialConfiguration } from "../../src/training/configuration.js";
import type { Engine } from "../../src/tensor/engine.js";
import type { StepResult } from "../../src/training/trainingStep.js";
import { trainNetwork, type Trained } from "../trainNetwork.js";
import { watchHead, type Watched } from "./watchedMargin.js";
import { mean } from "../mean.js";

/** Of the published head, which the runs use. */
export const [ALPHA, KAPPA, LEAST_SCALE] = [0.02, 9_999_999, 32];

/** Means over an epoch. */
export interface EpochMeans {
  readonly scale: number;
  readonly margin: number;
  readonly median: number;
  /** Of the margin softmax, all images. */
  readonly loss: number;
}

export interface Anchors {
  /** Batches in all, with a margin above 0, and of these with a scale above its floor. */
  readonly batches: number;
  readonly withMargin: number;
  readonly aboveFloor: number;
  /** Largest |P(t_med) − α| and |loss of the median image + ln α| where m > 0. */
  readonly atMedian: number;
  readonly lossAtMedian: number;
  /** Largest |P(1) − κ/(κ + 1)| where s is above its floor, too. */
  readonly atOne: number;
}

export interface Coarse {
  readonly epochs: readonly EpochMeans[];
  readonly anchors: Anchors;
}

export async function coarseStage(
  engine: Engine,
  train: ImageSet,
  settings: PartialConfiguration,
): Promise<Coarse & { readonly trained: Trained }> {
  const watched: Watched[] = [];
  const trained = await trainNetwork(engine, train, settings, (trainee) =>
    Promise.resolve(watchHead(trainee, (batch) => watched.push(batch))),
  );
  return { epochs: epochMeans(trained), anchors: anchorsOf(watched), trained };
}

/** Of whole epochs. */
function epochMeans({ steps, stepsPerEpoch }: Trained): EpochMeans[] {
  const epochs = Array.from({ length: Math.floor(steps.length / stepsPerEpoch) }, (_, epoch) =>
    steps.slice(epoch * stepsPerEpoch, (epoch + 1) * stepsPerEpoch),
  );
  return epochs.map((of) => {
    const meanOf = (value: (step: StepResult) => number): number => mean(of.map(value));
    return {
      scale: meanOf(({ margin }) => margin!.scale),
      margin: meanOf(({ margin }) => margin!.margin),
      median: meanOf(({ margin }) => margin!.median),
      loss: meanOf(({ loss }) => loss),
    };
  });
}

function anchorsOf(batches: readonly Watched[]): Anchors {
  const withMargin = batches.filter(({ margin }) => margin > 0);
  const aboveFloor = withMargin.filter(({ scale }) => scale > LEAST_SCALE);
  const largest = (of: readonly Watched[], distance: (batch: Watched) => number): number =>
    Math.max(0, ...of.map((batch) => Math.abs(distance(batch))));
  return {
    ...{ batches: batches.length, withMargin: withMargin.length, aboveFloor: aboveFloor.length },
    atMedian: largest(withMargin, ({ probability }) => probability - ALPHA),
    lossAtMedian: largest(withMargin, ({ loss }) => loss + Math.log(ALPHA)),
    atOne: largest(aboveFloor, ({ doubt }) => doubt - 1 / (KAPPA + 1)),
  };
}
