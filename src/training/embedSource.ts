/** Embeddings of many images, read one by one; those that cannot be read are named and left out. */
import { embedBatch, joinRows } from "./embedImages.js";
import { forEachSourceBatch, type ImageSource, type SkippedImage } from "./imageSource.js";
import type { Engine } from "../tensor/engine.js";
import type { TrainedBackbone } from "./trainedBackbone.node.js";

export interface EmbeddedSource {
  /** [N, E], not normalised. */
  readonly embeddings: Float32Array;
  /** Which image of the source each row is of: [N] */
  readonly indices: readonly number[];
  readonly skipped: readonly SkippedImage[];
}

/** In the order of the source. `onProgress`: images done, after each batch. */
export async function embedSource(
  engine: Engine,
  { backbone, images: { channels, side } }: Pick<TrainedBackbone, "backbone" | "images">,
  source: ImageSource,
  onProgress?: (done: number) => void,
): Promise<EmbeddedSource> {
  const parts: Float32Array[] = [];
  const all: number[] = [];
  const skipped = await forEachSourceBatch(
    source,
    async ({ images, indices }) => {
      parts.push(await embedBatch({ engine, backbone }, images, [indices.length, channels, side, side]));
      all.push(...indices);
    },
    onProgress,
  );
  return { embeddings: joinRows(parts), indices: all, skipped };
}
