/** How well a network that was trained on some classes tells others apart: every test image asks all the others. */
import type { ImageSet } from "../../src/data/ImageSet.js";
import { mapAtK, recallAtK } from "../../src/evaluation/index.js";
import type { Module } from "../../src/nn/index.js";
import type { Engine } from "../../src/tensor/engine.js";
import { embedImages } from "../../src/training/embedImages.js";

export interface Judgement {
  /** Recall@1 */
  readonly recall: number;
  /** Mean average precision over the whole ranking. */
  readonly map: number;
}

export async function judge(engine: Engine, backbone: Module, test: ImageSet): Promise<Judgement> {
  return judgeEmbeddings(await embedImages({ engine, backbone, set: test }), test);
}

/** One row of `embeddings` is one image. */
export async function judgeEmbeddings(embeddings: Float32Array | Float64Array, test: ImageSet): Promise<Judgement> {
  const asked = { embeddings, labels: test.labels, embedding: embeddings.length / test.count };
  const { map } = await mapAtK({ ...asked, limit: test.count });
  return { recall: (await recallAtK({ ...asked, ks: [1] })).recall[0].recall, map };
}
