/**
 * Embeddings cut to some of their dimensions (Unicom, ICLR 2023, section 4): the first ones, or any that are named.
 *
 * There are two conventions. Training with random feature selection normalises what was selected: `sliceThenNormalise`. The public code's
 * evaluation normalises with all dimensions and cuts afterwards, `normaliseThenSlice`: what is left may be shorter than one, so that
 * Euclidean distance and cosine rank differently, and the distance decides.
 */
import { countRows, normalizeRows, type EmbeddingRows } from "./normalizeRows.js";

export type CutConvention = "sliceThenNormalise" | "normaliseThenSlice";

export interface Cut {
  /** How many of the first dimensions are kept, or which ones, by number and without repetition; default: all. */
  readonly dimensions?: number | ArrayLike<number>;
  /** Default: `sliceThenNormalise`, as training does. */
  readonly convention?: CutConvention;
}

/** [N, width] */
export interface CutRows {
  readonly rows: Float64Array;
  readonly width: number;
}

/** [N, E] → [N, width] in float64. Throws for a number of dimensions outside 1 .. E, and for dimensions that are not there or come twice. */
export function cutEmbeddings(embeddings: EmbeddingRows, embedding: number, cut: Cut = {}): CutRows {
  countRows(embeddings, embedding);
  const { dimensions = embedding, convention = "sliceThenNormalise" } = cut;
  const kept = keptDimensions(dimensions, embedding);
  const width = kept.length;
  if (convention === "normaliseThenSlice") {
    return { rows: slice(normalizeRows(embeddings, embedding), embedding, kept), width };
  }
  return { rows: normalizeRows(slice(embeddings, embedding, kept), width), width };
}

function keptDimensions(dimensions: number | ArrayLike<number>, embedding: number): Int32Array {
  if (typeof dimensions === "number") {
    if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > embedding) {
      throw new Error(
        `cutEmbeddings: a whole number in 1 .. ${embedding} of dimensions can be kept, given ${dimensions}.`,
      );
    }
    return Int32Array.from({ length: dimensions }, (_, e) => e);
  }
  const kept = Array.from(dimensions);
  const isThere = kept.every((e) => Number.isInteger(e) && e >= 0 && e < embedding);
  if (kept.length === 0 || !isThere || new Set(kept).size !== kept.length) {
    throw new Error(
      `cutEmbeddings: one or more different dimensions of 0 .. ${embedding - 1} can be kept, given ${kept.join(", ")}.`,
    );
  }
  return Int32Array.from(kept);
}

function slice(rows: EmbeddingRows, embedding: number, kept: Int32Array): Float64Array {
  const width = kept.length;
  const cut = new Float64Array((rows.length / embedding) * width);
  for (let from = 0, to = 0; from < rows.length; from += embedding) {
    for (let e = 0; e < width; e++) cut[to++] = rows[from + kept[e]];
  }
  return cut;
}
