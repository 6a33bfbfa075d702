/** How well a network that was trained on some classes tells others apart. */
import type { ImageSet } from "../../src/data/ImageSet.js";
import { knnClassification, recallAtK } from "../../src/evaluation/index.js";
import type { Module } from "../../src/nn/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { embedImages } from "../../src/training/embedImages.js";

export interface Judgement {
  /** Recall@1 on unseen classes, each image asking all the others. */
  readonly recallAtOne: number;
  /** Top-1 of a vote of the 5 nearest of all other images: a class has 6 at most. */
  readonly nearestNeighbours: number;
}

export async function judge(engine: Engine, backbone: Module, test: ImageSet): Promise<Judgement> {
  return judgeEmbeddings(await embedImages({ engine, backbone, set: test }), test);
}

/** One row of `embeddings` is one image. */
export async function judgeEmbeddings(embeddings: Float32Array, test: ImageSet): Promise<Judgement> {
  const embedding = embeddings.length / test.count;
  const asked = { embeddings, labels: test.labels, embedding };
  const [{ top1 }] = (await knnClassification({ ...asked, ks: [5] })).accuracy;
  return { recallAtOne: (await recallAtK({ ...asked, ks: [1] })).recall[0].recall, nearestNeighbours: top1 };
}
