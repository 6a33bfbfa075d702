/** NNCCS over a sample of the centers (Partial FC, r < 1) against that over all of them: how low the lower bound lies. */
import { constant, noGrad } from "../../src/autograd/index.js";
import { nearestNegative, relativeClassifiability } from "../../src/crfiqa/index.js";
import { loader } from "../../src/data/loader.js";
import type { ImageSet } from "../../src/data/ImageSet.js";
import { rankCorrelation } from "../../src/evaluation/index.js";
import { evaluating } from "../../src/nn/index.js";
import { PartialFC } from "../../src/pfc/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { buildAugmentation } from "../../src/training/buildModel.js";
import type { Trained } from "../trainNetwork.js";
import { mean } from "../mean.js";

export const RATIOS = [1, 0.7, 0.5] as const;
const BATCHES = 8;
/** Few images, so that the positives leave room for negatives. */
const BATCH = 32;

export interface SampledCenters {
  readonly ratio: number;
  /** Means over the images. */
  readonly negative: number;
  readonly classifiability: number;
  /** Spearman's, of CR over the sample and over all centers. */
  readonly correlation: number;
}

export async function sampledCenters(engine: Engine, set: ImageSet, trained: Trained): Promise<SampledCenters[]> {
  const { backbone, head, configuration } = trained;
  const batches = loader({
    set,
    batch: BATCH,
    seed: "sampled centers",
    augmentation: buildAugmentation(configuration),
  });
  const rows = RATIOS.map((ratio) => ({ ratio, negative: [] as number[], classifiability: [] as number[] }));
  const heads = RATIOS.map(
    (ratio) =>
      new PartialFC(engine, {
        ...{ classes: head.classes, embedding: head.embedding, margin: head.margin, sharedCenters: head.centers },
        ...{ ratio, seed: "sampled centers" },
      }),
  );
  for (let step = 0; step < BATCHES; step++) {
    const { images, labels } = await batches.at(step);
    const found = engine.scope(() =>
      noGrad(() => {
        const x = constant(engine.tensor(images, [labels.length, set.channels, set.height, set.width]));
        const embeddings = backbone.forward(x, evaluating); // [B, E]
        return heads.flatMap((sampled) => {
          const { own, nearest } = sampled.classify(embeddings, labels, step);
          const negative = nearestNegative(nearest);
          return [negative, relativeClassifiability(own, negative)];
        });
      }),
    );
    for (const [k, row] of rows.entries()) {
      row.negative.push(...(await found[2 * k].data()));
      row.classifiability.push(...(await found[2 * k + 1].data()));
    }
    for (const tensor of found) tensor.dispose();
  }
  return rows.map(({ ratio, negative, classifiability }) => ({
    ratio,
    negative: mean(negative),
    classifiability: mean(classifiability),
    correlation: rankCorrelation(classifiability, rows[0].classifiability),
  }));
}
