/**
 * The cosines of all pairs of N embeddings, streamed in tiles, so that 85 million pairs need 75 kB and not 680 MB.
 *
 * Only the upper triangle is computed: a visitor sees each unordered pair once. Inside a tile, 4x4 pairs are summed at a time in
 * sixteen local variables: eight loads for sixteen products instead of thirty-two. Sums are in float64 and in order of e, so that
 * equal pairs have equal bits wherever they lie. 2.9 · 10⁹ products a second on one thread of an
 * EPYC server (`npm run test:long -- evaluation/recall`).
 *
 * Alternatively the caller hands in whole rows of similarities from a faster matrix product (`SimilarityBlock`).
 */
import { countRows, normalizeRows, type EmbeddingRows } from "./normalizeRows.js";

/**
 * Similarities of queries [start, end) with all N images: [end − start, N], row-major, larger is more alike. For the cosine, the
 * caller's rows must be normalised. Float32 products of unit rows are off by at most about E · 6e-8, so that pairs closer
 * than this may change places.
 */
export type SimilarityBlock = (queryStart: number, queryEnd: number) => Float32Array | Promise<Float32Array>;

/** Cosines of rows [rowStart, rowEnd) with columns [columnStart, columnEnd); pair (i, j) at (i − rowStart) · stride + j − columnStart. */
export interface CosineTile {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly columnStart: number;
  readonly columnEnd: number;
  readonly stride: number;
  readonly values: Float64Array | Float32Array;
}

/** 96 rows of 128 float64 twice, and the tile, fit the second-level cache; a multiple of four. */
const SIDE = 96;

/** Queries in a block asked from a `SimilarityBlock`: 22 MB of float32 for 21,395 images. */
const QUERIES = 256;

/** Lets timers and signals run, and throws the signal's reason if it was given meanwhile. `setTimeout` is in every host. */
async function breathe(signal?: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  signal?.throwIfAborted();
}

/**
 * Calls `visit` with tiles that together hold each pair i < j exactly once. Tiles on the diagonal hold i ≥ j as well: a
 * visitor starts row i at column max(columnStart, i + 1). `values` is reused for the next tile.
 *
 * `unit`: normalised rows [N, E]. Gives control back to the host once a band of 96 rows, where `signal` stops it.
 */
export async function forEachCosineTile(
  unit: EmbeddingRows,
  embedding: number,
  visit: (tile: CosineTile) => void,
  signal?: AbortSignal,
): Promise<void> {
  const count = unit.length / embedding;
  const padded = new Float64Array(Math.ceil(count / 4) * 4 * embedding); // whole groups of four rows; the rest is zero
  padded.set(unit);
  const values = new Float64Array(SIDE * SIDE);
  for (let rowStart = 0; rowStart < count; rowStart += SIDE) {
    const rowEnd = Math.min(count, rowStart + SIDE);
    for (let columnStart = rowStart; columnStart < count; columnStart += SIDE) {
      const columnEnd = Math.min(count, columnStart + SIDE);
      fillTile(padded, embedding, rowStart, rowEnd, columnStart, columnEnd, values);
      visit({ rowStart, rowEnd, columnStart, columnEnd, stride: SIDE, values });
    }
    await breathe(signal);
  }
}

/** Rows · columnsᵀ: [R, E] · [E, C] → [R, C], R and C rounded up to a multiple of four. */
function fillTile(
  rows: Float64Array,
  embedding: number,
  rowStart: number,
  rowEnd: number,
  columnStart: number,
  columnEnd: number,
  tile: Float64Array,
): void {
  for (let i = rowStart; i < rowEnd; i += 4) {
    const a0 = i * embedding;
    const a1 = a0 + embedding;
    const a2 = a1 + embedding;
    const a3 = a2 + embedding;
    for (let j = columnStart; j < columnEnd; j += 4) {
      const b0 = j * embedding;
      const b1 = b0 + embedding;
      const b2 = b1 + embedding;
      const b3 = b2 + embedding;
      let s00 = 0;
      let s01 = 0;
      let s02 = 0;
      let s03 = 0;
      let s10 = 0;
      let s11 = 0;
      let s12 = 0;
      let s13 = 0;
      let s20 = 0;
      let s21 = 0;
      let s22 = 0;
      let s23 = 0;
      let s30 = 0;
      let s31 = 0;
      let s32 = 0;
      let s33 = 0;
      for (let e = 0; e < embedding; e++) {
        const x0 = rows[a0 + e];
        const x1 = rows[a1 + e];
        const x2 = rows[a2 + e];
        const x3 = rows[a3 + e];
        let y = rows[b0 + e];
        s00 += x0 * y;
        s10 += x1 * y;
        s20 += x2 * y;
        s30 += x3 * y;
        y = rows[b1 + e];
        s01 += x0 * y;
        s11 += x1 * y;
        s21 += x2 * y;
        s31 += x3 * y;
        y = rows[b2 + e];
        s02 += x0 * y;
        s12 += x1 * y;
        s22 += x2 * y;
        s32 += x3 * y;
        y = rows[b3 + e];
        s03 += x0 * y;
        s13 += x1 * y;
        s23 += x2 * y;
        s33 += x3 * y;
      }
      let to = (i - rowStart) * SIDE + (j - columnStart);
      tile[to] = s00;
      tile[to + 1] = s01;
      tile[to + 2] = s02;
      tile[to + 3] = s03;
      to += SIDE;
      tile[to] = s10;
      tile[to + 1] = s11;
      tile[to + 2] = s12;
      tile[to + 3] = s13;
      to += SIDE;
      tile[to] = s20;
      tile[to + 1] = s21;
      tile[to + 2] = s22;
      tile[to + 3] = s23;
      to += SIDE;
      tile[to] = s30;
      tile[to + 1] = s31;
      tile[to + 2] = s32;
      tile[to + 3] = s33;
    }
  }
}

/** Calls `visit` with bands of whole rows of a `SimilarityBlock`; throws when a block has another length or holds a NaN. */
export async function forEachSimilarityBand(
  count: number,
  similarityBlock: SimilarityBlock,
  visit: (band: CosineTile) => void,
  signal?: AbortSignal,
): Promise<void> {
  for (let rowStart = 0; rowStart < count; rowStart += QUERIES) {
    const rowEnd = Math.min(count, rowStart + QUERIES);
    const values = await similarityBlock(rowStart, rowEnd);
    if (values.length !== (rowEnd - rowStart) * count) {
      throw new Error(
        `similarityBlock: queries ${rowStart} .. ${rowEnd - 1} against ${count} images are ${(rowEnd - rowStart) * count} numbers, given ${values.length}.`,
      );
    }
    for (let i = 0; i < values.length; i++) {
      if (Number.isNaN(values[i])) {
        throw new Error(
          `similarityBlock: a similarity must be a number, but that of query ${rowStart + Math.floor(i / count)} and image ${i % count} is NaN.`,
        );
      }
    }
    visit({ rowStart, rowEnd, columnStart: 0, columnEnd: count, stride: count, values });
    await breathe(signal);
  }
}

/** Each pair i < j once, from a `SimilarityBlock` if there is one and else from the embeddings [N, E], which are normalised here. */
export async function forEachPairTile(
  embeddings: EmbeddingRows,
  embedding: number,
  similarityBlock: SimilarityBlock | undefined,
  visit: (tile: CosineTile) => void,
  signal?: AbortSignal,
): Promise<void> {
  const count = countRows(embeddings, embedding);
  if (similarityBlock) await forEachSimilarityBand(count, similarityBlock, visit, signal);
  else await forEachCosineTile(normalizeRows(embeddings, embedding), embedding, visit, signal);
}
