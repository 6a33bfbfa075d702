/** The raw form of CR against the paper's, where there are few classes: all wrong centers are soon behind, and NNCCS sits on its floor. */
import type { ImageSet } from "../../src/data/ImageSet.js";
import { indicesWhere, selectImages } from "../../src/data/selectImages.js";
import type { Engine } from "../../src/tensor/engine.js";
import type { Configuration } from "../../src/training/configuration.js";
import { trainWithSettings } from "./qualityTraining.js";
import { mean } from "../mean.js";

const CLASSES = 4;
const STEPS = 60;

export interface FewClasses {
  readonly form: Configuration["quality"]["form"];
  /** The mean target of the worst step, by size, and of the last one. */
  readonly worstTarget: number;
  readonly lastTarget: number;
  /** Of the last ten steps. */
  readonly score: number;
  readonly correlation: number;
}

export async function fewClasses(engine: Engine, all: ImageSet, seed: number): Promise<FewClasses[]> {
  const set = selectImages(
    all,
    indicesWhere(all, (index) => all.labels[index] < CLASSES),
    `${CLASSES} classes`,
  );
  const results: FewClasses[] = [];
  for (const form of ["paper", "raw"] as const) {
    const changes = { seed, steps: STEPS, batch: 64, quality: { variant: "simultaneous", form } } as const;
    const trained = await trainWithSettings(engine, set, changes);
    trained.dispose();
    const steps = trained.steps.map(({ quality }) => quality!);
    const targets = steps.map(({ target }) => target);
    const last = steps.slice(-10);
    results.push({
      form,
      worstTarget: targets.reduce((worst, target) => (Math.abs(target) > Math.abs(worst) ? target : worst), 0),
      lastTarget: targets[targets.length - 1],
      score: mean(last.map(({ score }) => score)),
      correlation: mean(last.map(({ correlation }) => correlation)),
    });
  }
  return results;
}
