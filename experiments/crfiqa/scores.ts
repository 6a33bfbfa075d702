/** What every method says of the quality of the same images: more is better. */
import { evaluationBatches } from "../../src/data/evaluationBatches.js";
import { imageSize, type ImageSet } from "../../src/data/ImageSet.js";
import { laplacianSharpness, randomScores, rowNorms, stochasticAgreement } from "../../src/evaluation/index.js";

import type { Engine } from "../../src/tensor/engine.js";
import { embedImages } from "../../src/training/embedImages.js";
import { scoreEmbeddings } from "../../src/training/scoreImages.js";
import { stochasticPasses } from "./stages.js";
import type { Trained } from "../trainNetwork.js";
import { qualityNetworkOf } from "./qualityTraining.js";

export const METHODS = [
  "random",
  "Laplacian sharpness",
  "SER-FIQ-like",
  "magnitude before last BN",
  "magnitude after last BN",
  "magnitude, recognition network",
  "CR-FIQA",
  "oracle: true severity",
] as const;
export type Method = (typeof METHODS)[number];
export type Scores = Readonly<Record<Method, ArrayLike<number>>>;

export interface Scored {
  readonly scores: Scores;
  /** Of the quality network's and of the recognition network's own, [N, E]. */
  readonly own: Float32Array;
  readonly other: Float32Array;
}

/** All methods on one set. `quality` is a network with a unit, `recognition` another one without. */
export async function scoreAll(
  engine: Engine,
  set: ImageSet,
  { quality, recognition, seed }: { readonly quality: Trained; readonly recognition: Trained; readonly seed: number },
): Promise<Scored> {
  const network = qualityNetworkOf(quality);
  const { embedding } = quality.configuration.network;
  const own = await embedImages({ engine, backbone: network, set });
  const other = await embedImages({ engine, backbone: recognition.backbone, set });
  const { before, passes } = await stochasticPasses(engine, network.backbone, set);
  return {
    own,
    other,
    scores: {
      random: randomScores(set.count, seed),
      "Laplacian sharpness": await sharpness(set),
      "SER-FIQ-like": stochasticAgreement(passes, embedding),
      "magnitude before last BN": rowNorms(before, embedding),
      "magnitude after last BN": rowNorms(own, embedding),
      "magnitude, recognition network": rowNorms(other, embedding),
      "CR-FIQA": await scoreEmbeddings({ engine, network }, own, embedding),
      "oracle: true severity": set.measures.degradationSeverity.map((severity) => -severity),
    },
  };
}

async function sharpness(set: ImageSet): Promise<Float64Array> {
  const scores = new Float64Array(set.count);
  for await (const { images, labels, first } of evaluationBatches({ set, batch: 256 })) {
    labels.forEach((_, i) => (scores[first + i] = laplacianSharpness(images, set, i * imageSize(set))));
  }
  return scores;
}
