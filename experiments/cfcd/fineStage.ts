/** Claims 6 and 7: the stage with tuples, from one coarse network, by the weight of the triplets and with and without the test of attention. */
import { overlay, type PartialConfiguration } from "../../src/training/configuration.js";
import type { Engine } from "../../src/tensor/engine.js";
import type { LocalNumbers } from "../../src/training/localObjective.js";
import { loadInto } from "../loadInto.js";
import { trainNetwork, type Trained } from "../trainNetwork.js";
import type { Parts } from "./images.js";
import { judge, type Judgement } from "./judge.js";
import { mean } from "../mean.js";

export interface Variant {
  /** λ; 0: the same tuples, without triplets. */
  readonly weight: number;
  /** Share of the positive's cells that may match; 1: no test of attention. */
  readonly prominent: number;
}

export const VARIANTS = {
  without: { weight: 0, prominent: 0.5 },
  published: { weight: 0.05, prominent: 0.5 },
  heavy: { weight: 1, prominent: 0.5 },
  everywhere: { weight: 0.05, prominent: 1 },
} satisfies Record<string, Variant>;

export type VariantName = keyof typeof VARIANTS;

export interface Fine extends Variant {
  readonly name: VariantName;
  readonly judgement: Judgement;
  /** Means over each fifth of the stage: pairs of a tuple, sum of its terms, distance of a pair. */
  readonly parts: readonly LocalNumbers[];
}

const PARTS = 5;

/** @param settings of the coarse stage with those of the fine one over them */
export async function fineStage(
  engine: Engine,
  { train, test }: Parts,
  from: Trained,
  settings: PartialConfiguration,
  names: readonly VariantName[],
): Promise<Fine[]> {
  const found: Fine[] = [];
  for (const name of names) {
    const local = VARIANTS[name];
    const trained = await trainNetwork(engine, train, overlay(settings, { local }), async (trainee) => {
      await loadInto(trainee, from);
    });
    found.push({
      ...{ name, ...local },
      judgement: await judge(engine, trained.backbone, test),
      parts: partMeans(trained.steps.map((step) => step.local!)),
    });
    trained.dispose();
  }
  return found;
}

function partMeans(steps: readonly LocalNumbers[]): LocalNumbers[] {
  return Array.from({ length: PARTS }, (_, part) => {
    const of = steps.slice(Math.round((part * steps.length) / PARTS), Math.round(((part + 1) * steps.length) / PARTS));
    return {
      loss: mean(of.map(({ loss }) => loss)),
      matches: mean(of.map(({ matches }) => matches)),
      distance: mean(of.map(({ distance }) => distance).filter(Number.isFinite)),
    };
  });
}
