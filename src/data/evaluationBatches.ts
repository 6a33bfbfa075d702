/** Every image of a set once, in order and unchanged: what embeddings for an evaluation are computed from. */
import { flipHorizontally } from "./flip.js";
import { imageSize, type ImageSet } from "./ImageSet.js";
import { normalise, type Normalisation } from "./normalise.js";

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

/** Batches of images 0, 1, 2, …; the last one is kept even if it is short, and a batch may be larger than the set. */
export function* evaluationBatches(options: EvaluationOptions): Generator<EvaluationBatch, void, undefined> {
  const { set, batch, normalise: normalisation, mirror = false } = options;
  if (!Number.isInteger(batch) || batch < 1) {
    throw new Error(`evaluationBatches: a batch is a whole number of images, at least 1, given ${batch}.`);
  }
  const size = imageSize(set);
  for (let first = 0; first < set.count; first += batch) {
    const length = Math.min(batch, set.count - first);
    const images = new Float32Array(length * size); // [B, C, H, W]
    for (let place = 0; place < length; place++) {
      set.read(first + place, images, place * size);
      if (mirror) flipHorizontally(images, place * size, set);
      if (normalisation) normalise(images, place * size, set, normalisation);
    }
    yield { images, labels: set.labels.slice(first, first + length), first };
  }
}
