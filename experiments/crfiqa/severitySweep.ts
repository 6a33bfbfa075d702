/** Mean predicted quality of the same images, degraded more and more: one kind at a time. */
import { DEGRADATIONS, type Degradation } from "../../src/data/degradation.js";
import { degradedImageSet } from "../../src/data/degradedImageSet.js";
import type { ImageSet } from "../../src/data/ImageSet.js";
import { selectImages } from "../../src/data/selectImages.js";
import { rankCorrelation } from "../../src/evaluation/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { embedImages } from "../../src/training/embedImages.js";
import { scoreEmbeddings } from "../../src/training/scoreImages.js";
import type { Trained } from "../trainNetwork.js";
import { qualityNetworkOf } from "./qualityTraining.js";
import { mean } from "../mean.js";

export const SEVERITIES = [0, 0.25, 0.5, 0.75, 1] as const;
const IMAGES = 660;

export interface Sweep {
  /** Mean score at each of `SEVERITIES`. */
  readonly means: Readonly<Record<Degradation, readonly number[]>>;
  /** Spearman's, of score and −severity over all images and steps. */
  readonly correlations: Readonly<Record<Degradation, number>>;
}

export async function severitySweep(engine: Engine, clean: ImageSet, trained: Trained, seed: number): Promise<Sweep> {
  const network = qualityNetworkOf(trained);
  const { embedding } = trained.configuration.network;
  const chosen = Math.min(IMAGES, clean.count);
  const index = Int32Array.from({ length: chosen }, (_, i) => Math.floor((i * clean.count) / chosen));
  const set = selectImages(clean, index, "images of the sweep");
  const scoresAt = async (kind: Degradation, severity: number): Promise<Float32Array> => {
    const degraded = degradedImageSet(set, { seed: `sweep ${seed}`, kinds: [kind], severity });
    const embeddings = await embedImages({ engine, backbone: network, set: degraded });
    return scoreEmbeddings({ engine, network }, embeddings, embedding);
  };
  const means: [Degradation, number[]][] = [];
  const correlations: [Degradation, number][] = [];
  for (const kind of DEGRADATIONS) {
    const scores: Float32Array[] = [];
    for (const severity of SEVERITIES) scores.push(await scoresAt(kind, severity));
    means.push([kind, scores.map(mean)]);
    const all = scores.flatMap((values) => [...values]);
    const better = scores.flatMap((values, step) => Array.from(values, () => -SEVERITIES[step]));
    correlations.push([kind, rankCorrelation(all, better)]);
  }
  return {
    means: Object.fromEntries(means) as unknown as Sweep["means"],
    correlations: Object.fromEntries(correlations) as unknown as Sweep["correlations"],
  };
}
