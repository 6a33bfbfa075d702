/** How well a network recognises unseen classes: on the degraded pairs of the experiment, and on the images as they were drawn. */
import type { ImageSet } from "../../src/data/ImageSet.js";
import {
  comparisonDistances,
  errorRates,
  falseNonMatchRate,
  pointAtFmr,
  randomPairs,
  verification,
  type Pairs,
} from "../../src/evaluation/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { stream } from "../../src/tensor/random.js";
import { embedImages } from "../../src/training/embedImages.js";
import type { TestPart } from "./images.js";
import type { Trained } from "../trainNetwork.js";

const CLEAN_PAIRS = 6000;

export interface Recognition {
  /** FNMR at an FMR of 1e-2 on the degraded pairs. */
  readonly fnmr: number;
  /** Ten-fold verification on undegraded images: mean and deviation over the folds. */
  readonly accuracy: number;
  readonly deviation: number;
}

/** @param degraded embeddings of the degraded images: [N, E] */
export async function recognition(
  engine: Engine,
  { backbone, configuration }: Trained,
  { clean, part, degraded }: { readonly clean: ImageSet; readonly part: TestPart; readonly degraded: Float32Array },
): Promise<Recognition> {
  const { embedding } = configuration.network;
  const embeddings = await embedImages({ engine, backbone, set: clean });
  const pairs = randomPairs(clean.labels, CLEAN_PAIRS, stream("clean pairs"));
  const { accuracy, deviation } = verification({ embeddings, embedding, pairs });
  return { fnmr: fnmrAt1e2(degraded, embedding, part.pairs), accuracy, deviation };
}

/** Without discarding.  embeddings: [N, E] */
export function fnmrAt1e2(embeddings: Float32Array, embedding: number, pairs: Pairs): number {
  const distances = comparisonDistances(embeddings, embedding, pairs);
  const { threshold } = pointAtFmr(errorRates(distances, pairs.same), 1e-2);
  const genuine = distances.filter((_, p) => pairs.same[p] === 1);
  return falseNonMatchRate(genuine, threshold);
}
