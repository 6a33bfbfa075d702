/** Many images of a network's format, read one by one and handed on in batches; those that cannot be read are named and left out. */

/** A folder's images, or a set's. */
export interface ImageSource {
  readonly names: readonly string[];
  /** Image `index` as [C, S, S], values in [0, 1]; rejects with a sentence where it cannot be read. */
  readonly read: (index: number) => Promise<Float32Array>;
}

/** An image that could not be read. */
export interface SkippedImage {
  readonly name: string;
  readonly reason: string;
}

export interface SourceBatch {
  /** [B, C, S, S] */
  readonly images: Float32Array;
  /** Of the source, in its order: [B], at least one. */
  readonly indices: readonly number[];
}

/** Images of a forward pass; they are decoded together. */
const BATCH = 64;

/** Each image once, in the order of the source. `onProgress`: images done, after each batch. Returns those that were skipped. */
export async function forEachSourceBatch(
  source: ImageSource,
  visit: (batch: SourceBatch) => Promise<void>,
  onProgress?: (done: number) => void,
): Promise<SkippedImage[]> {
  const skipped: SkippedImage[] = [];
  for (let first = 0; first < source.names.length; first += BATCH) {
    const indices = source.names.slice(first, first + BATCH).map((_, i) => first + i);
    const read = await Promise.all(indices.map(async (index) => ({ index, ...(await readOrReason(source, index)) })));
    const images = read.flatMap(({ index, pixels }) => (pixels === undefined ? [] : [{ index, pixels }]));
    skipped.push(
      ...read.flatMap(({ index, reason }) => (reason === undefined ? [] : [{ name: source.names[index], reason }])),
    );
    if (images.length > 0) {
      const size = images[0].pixels.length;
      const batch = new Float32Array(images.length * size);
      images.forEach(({ pixels }, place) => batch.set(pixels, place * size));
      await visit({ images: batch, indices: images.map(({ index }) => index) });
    }
    onProgress?.(Math.min(first + BATCH, source.names.length));
  }
  return skipped;
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
