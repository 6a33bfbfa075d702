/**
 * The cosines of all pairs of N embeddings, streamed in tiles, so that 85 million pairs need 75 kB and not 680 MB.
 *
 * Only the upper triangle is computed: a visitor sees each unordered pair once. Alternatively the caller hands in whole rows of
 * similarities from a faster matrix product (`SimilarityBlock`).
 */
import { countRows, normalizeRows, type EmbeddingRows } from "./normalizeRows.js";
import { addProductTile, padRows, wholeFours } from "./productTile.js";
import { breathe, forEachGivenBand, type SimilarityBlock, type SimilarityTile } from "./similarityBands.js";

/** 96 rows of 128 float64 twice, and the tile, fit the second-level cache; a multiple of four. */
const SIDE = 96;

/**
 * Calls `visit` with tiles that together hold each pair i < j exactly once. Tiles on the diagonal hold i ≥ j as well: a
 * visitor starts row i at column max(columnStart, i + 1). `values` is reused for the next tile.
 *
 * `unit`: normalised rows [N, E]. Gives control back to the host once a band of 96 rows, where `signal` stops it.
 */
export async function forEachCosineTile(
  unit: EmbeddingRows,
  embedding: number,
  visit: (tile: SimilarityTile) => void,
  signal?: AbortSignal,
): Promise<void> {
  const count = unit.length / embedding;
  const padded = padRows(unit, embedding);
  const values = new Float64Array(SIDE * SIDE);
  for (let rowStart = 0; rowStart < count; rowStart += SIDE) {
    const rowEnd = Math.min(count, rowStart + SIDE);
    const rows = { values: padded, from: rowStart * embedding, count: wholeFours(rowEnd - rowStart) };
    for (let columnStart = rowStart; columnStart < count; columnStart += SIDE) {
      const columnEnd = Math.min(count, columnStart + SIDE);
      const columns = { values: padded, from: columnStart * embedding, count: wholeFours(columnEnd - columnStart) };
      addProductTile(rows, columns, embedding, values.fill(0), 0, SIDE);
      visit({ rowStart, rowEnd, columnStart, columnEnd, stride: SIDE, values });
    }
    await breathe(signal);
  }
}

/** Each pair i < j once, from a `SimilarityBlock` if there is one and else from the embeddings [N, E], which are normalised here. */
export async function forEachPairTile(
  embeddings: EmbeddingRows,
  embedding: number,
  similarityBlock: SimilarityBlock | undefined,
  visit: (tile: SimilarityTile) => void,
  signal?: AbortSignal,
): Promise<void> {
  const count = countRows(embeddings, embedding);
  if (similarityBlock) await forEachGivenBand(count, count, similarityBlock, visit, signal);
  else await forEachCosineTile(normalizeRows(embeddings, embedding), embedding, visit, signal);
}
