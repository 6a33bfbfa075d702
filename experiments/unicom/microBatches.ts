/**
 * Claim 9: batch norm fails on micro-batches of two, whatever the batch of an update. A network that was trained on pseudo-classes is fine-tuned on
 * true classes, with updates of 16 images: in one pass, or two images a pass and eight passes. The same images, rate and updates.
 */
import type { Module } from "../../src/nn/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { overlay } from "../../src/training/configuration.js";
import { copyWeights } from "../copyWeights.js";
import { trainNetwork } from "../trainNetwork.js";
import type { Images } from "./images.js";
import { FINE_TUNED } from "./settings.js";
import { judge, type Judgement } from "./judge.js";

/** Images of a pass, of 16 of an update. */
export const MICRO_BATCHES = [2, 4, 16] as const;
const BATCH = 16;

export interface MicroBatches {
  /** Before it is fine-tuned. */
  readonly base: Judgement;
  readonly tuned: readonly { readonly batch: number; readonly judgement: Judgement }[];
}

/** `base`: what is fine-tuned; it stays as it is. */
export async function microBatches(
  engine: Engine,
  { train, test }: Images["emoji"],
  base: Module,
  seed: number,
): Promise<MicroBatches> {
  const tuned = [];
  for (const batch of MICRO_BATCHES) {
    const settings = overlay(FINE_TUNED, { batch, accumulate: BATCH / batch, seed });
    const trained = await trainNetwork(engine, train, settings, ({ backbone }) => copyWeights(base, backbone));
    tuned.push({ batch, judgement: await judge(engine, trained.backbone, test) });
    trained.dispose();
  }
  return { base: await judge(engine, base, test), tuned };
}
