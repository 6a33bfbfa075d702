/** Claim 8: the mean of an image's descriptors at several sizes, against that of one. */
import { resize, scaledSize } from "../../src/data/index.js";
import { imageSize, type ImageSet } from "../../src/data/ImageSet.js";
import { averageDescriptors } from "../../src/evaluation/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { embedImages } from "../../src/training/embedImages.js";
import type { Trained } from "../trainNetwork.js";
import { judgeEmbeddings, type Judgement } from "./judge.js";

/** The published 0.35 and 0.5 leave nothing of an image of 16 pixels. */
export const IMAGE_SCALES = [0.7, 1, 1.4] as const;

export interface SeveralScales {
  /** Of each of `IMAGE_SCALES` alone. */
  readonly alone: readonly Judgement[];
  readonly averaged: Judgement;
}

export async function severalScales(
  engine: Engine,
  { backbone, configuration }: Trained,
  test: ImageSet,
): Promise<SeveralScales> {
  const perScale: Float32Array[] = [];
  const alone: Judgement[] = [];
  for (const scale of IMAGE_SCALES) {
    const embeddings = await embedImages({ engine, backbone, set: resizedImages(test, scale) });
    perScale.push(embeddings);
    alone.push(await judgeEmbeddings(embeddings, test));
  }
  return {
    alone,
    averaged: await judgeEmbeddings(averageDescriptors(perScale, configuration.network.embedding), test),
  };
}

/** Bilinear, without antialiasing, as published. */
function resizedImages(set: ImageSet, scale: number): ImageSet {
  const size = scaledSize(set, scale);
  return {
    ...set,
    ...size,
    async read(index, out, offset = 0) {
      const image = new Float32Array(imageSize(set));
      await set.read(index, image);
      out.set(resize(image, set, size), offset);
    },
  };
}
