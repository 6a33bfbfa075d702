/** Everything that is measured of one seed. */
import type { Engine } from "../../src/tensor/engine.js";
import { clusterDiscrimination, type Discrimination } from "./clusterDiscrimination.js";
import { clustering, type ClusteringResult } from "./clustering.js";
import { compactness, type Compactness } from "./compactness.js";
import { conflict, type Conflict } from "./conflict.js";
import { dualCost, type DualCost } from "./dualCost.js";
import type { Images } from "./images.js";
import { masks, type Masks } from "./masks.js";
import { microBatches, type MicroBatches } from "./microBatches.js";
import { teller } from "../teller.js";

export interface SeedResult {
  readonly seed: number;
  readonly clustering: ClusteringResult;
  readonly conflict: readonly Conflict[];
  readonly compactness: readonly Compactness[];
  readonly dualCost: readonly DualCost[];
  readonly masks: readonly Masks[];
  readonly discrimination: Discrimination;
  readonly microBatches: MicroBatches;
}

export async function measureSeed(
  engine: Engine,
  { drawn, typed, emoji }: Images,
  seed: number,
  say: (text: string) => void,
): Promise<SeedResult> {
  const told = teller(seed, say);
  const { discrimination, trained } = await told("cluster discrimination", () =>
    clusterDiscrimination(engine, emoji, seed),
  );
  const small = await told("micro-batches", () => microBatches(engine, emoji, trained, seed));
  trained.dispose();
  return {
    seed,
    clustering: await told("clustering", () => clustering(engine, emoji.test, emoji.texts, seed)),
    conflict: await told("conflict", () => conflict(engine, typed.train, typed.test, seed)),
    compactness: await told("compactness", () => compactness(engine, drawn.train, drawn.test, seed)),
    dualCost: await told("dual cost", () => dualCost(engine, seed)),
    masks: await told("masks", () => masks(engine, seed)),
    discrimination,
    microBatches: small,
  };
}
