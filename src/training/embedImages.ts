/** Embeddings of all images of a set, as the evaluation protocols need them. */
import { evaluationBatches } from "../data/evaluationBatches.js";
import type { ImageSet } from "../data/ImageSet.js";
import { embedBatch, type EmbedBatchOptions } from "./embedBatch.js";

/** Images of a forward pass without gradients. */
const BATCH = 256;

export interface EmbedOptions extends EmbedBatchOptions {
  readonly set: ImageSet;
  /** Mirror every image first; see `sumMirrored`. */
  readonly mirror?: boolean;
  /** Looked at once a batch; the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The backbone's embeddings in the order of the set's images: [N, E], not normalised unless they are of several `scales`. */
export async function embedImages(options: EmbedOptions): Promise<Float32Array> {
  const { set, mirror, signal } = options;
  const parts: Float32Array[] = [];
  for await (const { images, labels } of evaluationBatches({ set, batch: BATCH, mirror })) {
    parts.push(await embedBatch(options, images, [labels.length, set.channels, set.height, set.width]));
    await new Promise((resolve) => setTimeout(resolve, 0)); // timers and signals run
    signal?.throwIfAborted();
  }
  return joinRows(parts);
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
