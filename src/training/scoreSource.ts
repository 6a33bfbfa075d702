/** Scores of many images, read one by one and scored in batches; those that cannot be read are named and left out. */
import type { QualityModel } from "./qualityModel.node.js";
import type { Engine } from "../tensor/engine.js";
import { forEachSourceBatch, type ImageSource, type SkippedImage } from "./imageSource.js";
import { scoreBatch } from "./scoreImages.js";

export interface ScoredImage {
  /** Of the source. */
  readonly index: number;
  readonly name: string;
  readonly score: number;
}

export interface ScoredSource {
  readonly scored: readonly ScoredImage[];
  readonly skipped: readonly SkippedImage[];
}

/** Each image once, in the order of the source. `onProgress`: images done, after each batch. */
export async function scoreSource(
  source: ImageSource,
  {
    engine,
    model,
    onProgress,
  }: { readonly engine: Engine; readonly model: QualityModel; readonly onProgress?: (done: number) => void },
): Promise<ScoredSource> {
  const { channels, side } = model.description.images;
  const scored: ScoredImage[] = [];
  const skipped = await forEachSourceBatch(
    source,
    async ({ images, indices }) => {
      const shape = [indices.length, channels, side, side] as const;
      const scores = await scoreBatch({ engine, network: model.network }, images, shape);
      scored.push(...indices.map((index, place) => ({ index, name: source.names[index], score: scores[place] })));
    },
    onProgress,
  );
  return { scored, skipped };
}
