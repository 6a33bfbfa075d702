/** Every image of a set once, in order and unchanged: what embeddings for an evaluation are computed from. */
import { flipHorizontally } from "./flip.js";
import { imageSize, readImages, type ImageSet } from "./ImageSet.js";
import { normalise, type Normalisation } from "./normalise.js";
import { readAhead } from "./readAhead.js";

export interface EvaluationBatch {
  /** [B, C, H, W]; the last batch may be shorter. */
  readonly images: Float32Array;
  /** [B] */
  readonly labels: Int32Array;
  /** The set's number of the first image. */
  readonly first: number;
}

export interface EvaluationOptions {
  readonly set: ImageSet;
  readonly batch: number;
  readonly normalise?: Normalisation;
  /** Mirror every image: for embeddings that add up those of an image and its mirror image, as face verification does. */
  readonly mirror?: boolean;
}

/**
 * Batches of images 0, 1, 2, …, read one ahead; the last one is kept even if it is short, and a batch may be larger than the set.
 */
export function evaluationBatches(options: EvaluationOptions): AsyncGenerator<EvaluationBatch, void, undefined> {
  const { set, batch, normalise: normalisation, mirror = false } = options;
  if (!Number.isInteger(batch) || batch < 1) {
    throw new Error(`evaluationBatches: a batch is a whole number of images, at least 1, given ${batch}.`);
  }
  const size = imageSize(set);
  const at = async (number: number): Promise<EvaluationBatch> => {
    const first = number * batch;
    const length = Math.min(batch, set.count - first);
    const images = new Float32Array(length * size); // [B, C, H, W]
    const indices = Int32Array.from({ length }, (_, place) => first + place);
    await readImages(set, indices, images);
    for (let begin = 0; begin < images.length; begin += size) {
      if (mirror) flipHorizontally(images, begin, set);
      if (normalisation) normalise(images, begin, set, normalisation);
    }
    return { images, labels: set.labels.slice(first, first + length), first };
  };
  return readAhead(at, 0, Math.ceil(set.count / batch));
}
