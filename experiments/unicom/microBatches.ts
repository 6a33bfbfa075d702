/**
 * Claim 9: batch norm fails on micro-batches of two, whatever the batch of an update. Two images a pass and eight passes, against sixteen in one: the
 * same images, rate and number of updates.
 */
import type { ImageSet } from "../../src/data/ImageSet.js";
import type { Engine } from "../../src/tensor/engine.js";
import { overlay } from "../../src/training/configuration.js";
import { MICRO } from "./settings.js";
import { transfer, type Judgement } from "./transfer.js";

/** Images of a pass, of 16 of an update. */
export const MICRO_BATCHES = [2, 4, 16] as const;
const BATCH = 16;

export interface MicroBatch {
  readonly batch: number;
  readonly judgement: Judgement;
}

export async function microBatches(
  engine: Engine,
  train: ImageSet,
  test: ImageSet,
  seed: number,
): Promise<MicroBatch[]> {
  const found: MicroBatch[] = [];
  for (const batch of MICRO_BATCHES) {
    const settings = overlay(MICRO, { batch, accumulate: BATCH / batch, seed });
    found.push({ batch, judgement: await transfer(engine, train, test, settings) });
  }
  return found;
}
