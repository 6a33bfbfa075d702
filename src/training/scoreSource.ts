/** Scores of many images, read one by one and scored in batches; those that cannot be read are named and left out. */
import type { QualityModel } from "./qualityModel.node.js";
import type { Engine } from "../tensor/engine.js";
import { scoreBatch } from "./scoreImages.js";
import type { SkippedImage } from "./scoreTable.js";

/** Images of a network's format: a folder's, or a set's. */
export interface ImageSource {
  readonly names: readonly string[];
  /** Image `index` as [C, S, S], values in [0, 1]; rejects with a sentence where it cannot be read. */
  readonly read: (index: number) => Promise<Float32Array>;
}

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

/** Images of a forward pass; the next ones are decoded while it runs. */
const BATCH = 64;

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
  const size = channels * side * side;
  const scored: ScoredImage[] = [];
  const skipped: SkippedImage[] = [];
  for (let first = 0; first < source.names.length; first += BATCH) {
    const indices = source.names.slice(first, first + BATCH).map((_, i) => first + i);
    const read = await Promise.all(indices.map(async (index) => ({ index, ...(await readOrReason(source, index)) })));
    const images = read.filter(({ pixels }) => pixels !== undefined);
    skipped.push(
      ...read.flatMap(({ index, reason }) => (reason === undefined ? [] : [{ name: source.names[index], reason }])),
    );
    if (images.length > 0) {
      const batch = new Float32Array(images.length * size);
      images.forEach(({ pixels }, place) => batch.set(pixels!, place * size));
      const scores = await scoreBatch({ engine, network: model.network }, batch, [images.length, channels, side, side]);
      scored.push(...images.map(({ index }, place) => ({ index, name: source.names[index], score: scores[place] })));
    }
    onProgress?.(Math.min(first + BATCH, source.names.length));
  }
  return { scored, skipped };
}

async function readOrReason(
  source: ImageSource,
  index: number,
): Promise<{ readonly pixels?: Float32Array; readonly reason?: string }> {
  try {
    return { pixels: await source.read(index) };
  } catch (error) {
    return { reason: (error as Error).message };
  }
}
