/** Embeddings of all images of a set, as the evaluation protocols need them. */
import { constant, noGrad } from "../autograd/index.js";
import { evaluationBatches } from "../data/evaluationBatches.js";
import type { ImageSet } from "../data/ImageSet.js";
import { evaluating, type Module } from "../nn/index.js";
import type { Engine } from "../tensor/engine.js";

/** Images of a forward pass without gradients. */
const BATCH = 256;

export interface EmbedOptions {
  readonly engine: Engine;
  readonly backbone: Module;
  readonly set: ImageSet;
  /** Mirror every image first; see `sumMirrored`. */
  readonly mirror?: boolean;
  /** Looked at once a batch; the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The backbone's embeddings in the order of the set's images: [N, E], not normalised. */
export async function embedImages(options: EmbedOptions): Promise<Float32Array> {
  const { engine, backbone, set, mirror, signal } = options;
  const parts: Float32Array[] = [];
  for await (const { images, labels } of evaluationBatches({ set, batch: BATCH, mirror })) {
    parts.push(await embedBatch({ engine, backbone }, images, [labels.length, set.channels, set.height, set.width]));
    await new Promise((resolve) => setTimeout(resolve, 0)); // timers and signals run
    signal?.throwIfAborted();
  }
  return joinRows(parts);
}

/** [B, C, H, W] → [B, E] */
export async function embedBatch(
  { engine, backbone }: Pick<EmbedOptions, "engine" | "backbone">,
  images: Float32Array,
  shape: readonly [batch: number, channels: number, height: number, width: number],
): Promise<Float32Array> {
  const embeddings = engine.scope(() =>
    noGrad(() => backbone.forward(constant(engine.tensor(images, shape)), evaluating)),
  );
  const values = Float32Array.from(await embeddings.data());
  embeddings.tensor.dispose();
  return values;
}

export function joinRows(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
