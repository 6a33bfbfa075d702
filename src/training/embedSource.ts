/** Embeddings of many images, read one by one; those that cannot be read are named and left out. */
import { embedBatch } from "./embedBatch.js";
import { joinRows } from "./embedImages.js";
import { forEachSourceBatch, type ImageSource, type SkippedImage } from "./imageSource.js";
import type { Engine } from "../tensor/engine.js";
import type { TrainedBackbone } from "./trainedBackbone.node.js";

export interface EmbeddedSource {
  /** [N, E], not normalised unless they are of several scales. */
  readonly embeddings: Float32Array;
  /** Which image of the source each row is of: [N] */
  readonly indices: readonly number[];
  readonly skipped: readonly SkippedImage[];
}

export interface EmbedSourceOptions {
  /** See `embedBatch`. */
  readonly scales?: readonly number[];
  /** Images done, after each batch. */
  readonly onProgress?: (done: number) => void;
}

/** In the order of the source. */
export async function embedSource(
  engine: Engine,
  { backbone, images: { channels, side } }: Pick<TrainedBackbone, "backbone" | "images">,
  source: ImageSource,
  { scales, onProgress }: EmbedSourceOptions = {},
): Promise<EmbeddedSource> {
  const parts: Float32Array[] = [];
  const all: number[] = [];
  const skipped = await forEachSourceBatch(
    source,
    async ({ images, indices }) => {
      parts.push(await embedBatch({ engine, backbone, scales }, images, [indices.length, channels, side, side]));
      all.push(...indices);
    },
    onProgress,
  );
  return { embeddings: joinRows(parts), indices: all, skipped };
}
