/** Quality scores: of embeddings that are there, and of images, in batches. */
import { constant, noGrad } from "../autograd/index.js";
import type { QualityNetwork } from "../crfiqa/index.js";
import { evaluating } from "../nn/index.js";
import type { Engine } from "../tensor/engine.js";

export interface ScoreOptions {
  readonly engine: Engine;
  readonly network: QualityNetwork;
}

/** The score of each embedding, as the network itself gives it: [N, E] → [N] */
export async function scoreEmbeddings(
  { engine, network }: ScoreOptions,
  embeddings: Float32Array,
  embedding: number,
): Promise<Float32Array> {
  using scores = engine.scope(() =>
    noGrad(() => network.quality(constant(engine.tensor(embeddings, [embeddings.length / embedding, embedding])))),
  ).tensor;
  return Float32Array.from(await scores.data());
}

/** The score of each image of one batch: [B, C, H, W] → [B] */
export async function scoreBatch(
  { engine, network }: ScoreOptions,
  images: Float32Array,
  shape: readonly [batch: number, channels: number, height: number, width: number],
): Promise<Float32Array> {
  using scores = engine.scope(() =>
    noGrad(() => network.quality(network.forward(constant(engine.tensor(images, shape)), evaluating))),
  ).tensor;
  return Float32Array.from(await scores.data());
}
