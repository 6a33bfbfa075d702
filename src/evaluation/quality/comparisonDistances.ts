/**
 * How far apart a recognition model sees the two images of a pair: the scores that a quality score is judged by.
 *
 * As CR-FIQA compares (section 4 and its public evaluation): the embedding of an image is the CONCATENATION of its own and its mirror's
 * (`joinMirrored`; the verification sets add them instead, `sumMirrored`), and two images are apart by the angle between
 * their embeddings, as a share of a half turn, or by the squared distance of the unit embeddings. The model is another one than the
 * quality score's, or the score would be judged by its own teacher.
 *
 * The angle is the arc cosine of a dot product: between rows that are nearly the same, rounding alone makes about 1e-8 of it.
 */
import { normalizeRows, rowDot, type EmbeddingRows } from "../normalizeRows.js";
import { checkPairs, type Pairs } from "../pairs.js";
import { pairDistances } from "../verification.js";

/** "angle": arccos(cosine)/π in [0, 1]; "euclidean": ‖x/‖x‖ − y/‖y‖‖² in [0, 4]. */
export type ComparisonDistance = "angle" | "euclidean";

/**
 * The distance of each pair: raw embeddings [N, E] → [P], in float64.
 *
 * A row of zeros has cosine 0 with everything, an angle of 1/2; its squared distance is as in `pairDistances`. Throws for embeddings
 * that are no finite rows, and for pairs that do not fit them.
 */
export function comparisonDistances(
  embeddings: EmbeddingRows,
  embedding: number,
  pairs: Pairs,
  distance: ComparisonDistance = "angle",
): Float64Array {
  if (distance === "euclidean") return pairDistances(embeddings, embedding, pairs);
  const unit = normalizeRows(embeddings, embedding);
  checkPairs(pairs, unit.length / embedding);
  return Float64Array.from(pairs.first, (first, p) => {
    const cosine = rowDot(unit, embedding, first, pairs.second[p]);
    return Math.acos(Math.max(-1, Math.min(1, cosine))) / Math.PI;
  });
}

/** Embeddings of images, each followed by its mirror's: [N, E] and [N, E] → [N, 2E] in float64. Both are raw; the joined row is what is normalised. */
export function joinMirrored(embeddings: EmbeddingRows, mirrored: EmbeddingRows, embedding: number): Float64Array {
  if (embeddings.length !== mirrored.length || embeddings.length % embedding !== 0) {
    throw new Error(
      `joinMirrored: an embedding and its mirror are rows of the same ${embedding} dimensions; given ${embeddings.length} and ${mirrored.length} numbers.`,
    );
  }
  const joined = new Float64Array(2 * embeddings.length);
  for (let from = 0; from < embeddings.length; from += embedding) {
    joined.set(embeddings.subarray(from, from + embedding), 2 * from);
    joined.set(mirrored.subarray(from, from + embedding), 2 * from + embedding);
  }
  return joined;
}
