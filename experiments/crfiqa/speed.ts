/** A training step with quality against one without: the same images, in turn, so that whatever else the machine does meets both. */
import { ratiosByRound, summarize } from "../../src/benchmark/statistics.js";
import { loader } from "../../src/data/loader.js";
import type { ImageSet } from "../../src/data/ImageSet.js";
import type { Engine } from "../../src/tensor/engine.js";
import { buildTrainee } from "../../src/training/buildModel.js";
import { complete, overlay } from "../../src/training/configuration.js";
import { trainingStep } from "../../src/training/trainingStep.js";
import { SETTINGS } from "./settings.js";

const STEPS = 60;
/** Left out: code that is compiled, memory that grows. */
const WARM_UP = 10;

export interface Speed {
  /** Median milliseconds of a step. */
  readonly plain: number;
  readonly quality: number;
  /** Median of the ratios of neighbouring steps, and its 10th and 90th percentile. */
  readonly ratio: number;
  readonly spread: readonly [number, number];
}

export async function speed(engine: Engine, set: ImageSet): Promise<Speed> {
  const configurations = (["none", "simultaneous"] as const).map((variant) =>
    complete(overlay(SETTINGS, { seed: "speed", quality: { variant } })),
  );
  const trainees = configurations.map((configuration) => buildTrainee(engine, configuration, set, () => undefined));
  const batches = loader({ set, batch: configurations[0].batch, seed: "speed" });
  const times: [number[], number[]] = [[], []];
  for (let step = 0; step < STEPS + WARM_UP; step++) {
    const batch = await batches.at(step);
    for (const which of step % 2 === 0 ? [0, 1] : [1, 0]) {
      const started = performance.now();
      await trainingStep(trainees[which], [batch], { rate: 0.05 }, [set.channels, set.height, set.width]);
      if (step >= WARM_UP) times[which].push(performance.now() - started);
    }
  }
  for (const { backbone, head, backboneOptimizer, headOptimizer } of trainees) {
    for (const held of [backboneOptimizer, headOptimizer, backbone, head]) held.dispose();
  }
  const { median, low, high } = summarize(ratiosByRound(times[0], times[1]));
  return { plain: summarize(times[0]).median, quality: summarize(times[1]).median, ratio: median, spread: [low, high] };
}
