/**
 * Scores that a learned quality has to beat; of each, higher is better.
 *
 *     random               knows nothing: its curve stays level
 *     embedding magnitude  `rowNorms` of the raw embeddings: a network is less sure of a poor image, and its embedding shorter (MagFace)
 *     stochasticAgreement  embeddings under several dropout masks agree on a good image (SER-FIQ)
 *     laplacianSharpness   sees blur, and takes noise for sharpness
 *
 * Left out: methods with models of their own (FaceQnet, PFE, SDD-FIQA …).
 */
import { stream } from "../../tensor/random.js";
import { normalizeRows, type EmbeddingRows } from "../normalizeRows.js";

/** A score in [0, 1) for each of `count` images: a function of the seed alone. */
export function randomScores(count: number, seed: number | string): Float64Array {
  const random = stream(seed, "random quality");
  return Float64Array.from({ length: count }, () => random.uniform());
}

/**
 * 2·sigmoid(−mean distance) of each image's embeddings in several passes: K times [N, E] → [N], in (0, 1]; 1 where all passes agree.
 *
 * As SER-FIQ (Terhörst et al., CVPR 2020) in its public code: rows brought to length one, the Euclidean distance, not squared, averaged over every
 * two of the K passes. Only "like" it, because which layers drop out, and how much, is the caller's model. Throws for fewer than two
 * passes and for passes of different shapes.
 */
export function stochasticAgreement(passes: readonly EmbeddingRows[], embedding: number): Float64Array {
  if (passes.length < 2 || passes.some((pass) => pass.length !== passes[0].length)) {
    throw new Error(
      `stochasticAgreement: two or more passes over the same images are needed; given ${passes.length} of ${passes.map(({ length }) => length).join(", ")} numbers.`,
    );
  }
  const units = passes.map((pass) => normalizeRows(pass, embedding));
  const distances = new Float64Array(passes[0].length / embedding);
  units.forEach((one, pass) => {
    for (const other of units.slice(pass + 1)) addDistances(distances, one, other);
  });
  const twos = (passes.length * (passes.length - 1)) / 2;
  return distances.map((sum) => 2 / (1 + Math.exp(sum / twos)));
}

/** Adds ‖row of one − row of other‖ to each image's sum. */
function addDistances(sums: Float64Array, one: Float64Array, other: Float64Array): void {
  const embedding = one.length / sums.length;
  for (let image = 0, i = 0; image < sums.length; image++) {
    let squares = 0;
    for (let e = 0; e < embedding; e++, i++) squares += (one[i] - other[i]) ** 2;
    sums[image] += Math.sqrt(squares);
  }
}

export interface ImageSize {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/**
 * The variance of the Laplacian (4 neighbours) over an image's inner pixels, mean over channels; 0 for a flat image or a ramp. (Pech-Pacheco et
 * al., "Diatom autofocusing in brightfield microscopy", 2000)
 *
 * @param image channel after channel, row after row, from `offset` on, where a batch has this image
 *
 * Throws for fewer than 3 × 3 pixels, which have no inner one, and where the image ends too early.
 */
export function laplacianSharpness(image: Float32Array, { channels, height, width }: ImageSize, offset = 0): number {
  const end = offset + channels * height * width;
  if (!(channels >= 1 && height >= 3 && width >= 3 && offset >= 0 && end <= image.length)) {
    throw new Error(
      `laplacianSharpness: a channel or more of at least 3 × 3 pixels is needed; given ${channels} channels of ${height} × ${width} from ${offset} on in ${image.length} numbers.`,
    );
  }
  let total = 0;
  for (let from = offset; from < end; from += height * width) {
    total += varianceOfLaplacian(image.subarray(from, from + height * width), width);
  }
  return total / channels;
}

/** Population variance. [H·W] → number */
function varianceOfLaplacian(plane: Float32Array, width: number): number {
  const values: number[] = [];
  for (let row = width; row < plane.length - width; row += width) {
    for (let p = row + 1; p < row + width - 1; p++) {
      values.push(plane[p - width] + plane[p + width] + plane[p - 1] + plane[p + 1] - 4 * plane[p]);
    }
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
