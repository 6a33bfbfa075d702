/**
 * Similarities of Q queries with all N images of a gallery, streamed in bands of whole rows, so that a visitor sees everything that
 * competes for a query at once and memory stays at a few megabytes.
 *
 * They are products in float64 made here, or come from a faster matrix product (`RowProduct`), which is how an engine helps a room that
 * knows none.
 */
import { addProductTile, padRows, wholeFours } from "./productTile.js";

/**
 * Similarities of queries [start, end) with all N images: [end − start, N], row-major, larger is more alike. For the cosine, the
 * caller's rows must be normalised. Float32 products of unit rows are off by at most about E · 6e-8, so that pairs closer
 * than this may change places.
 */
export type SimilarityBlock = (
  queryStart: number,
  queryEnd: number,
) => Float32Array | Float64Array | Promise<Float32Array | Float64Array>;

/**
 * Inner products from elsewhere: given the rows that a protocol compares, queries [Q, width] and gallery [N, width], it answers for
 * blocks of queries. The rows are prepared (cut, normalised) when it is called; a caller that has them on an engine uploads them once, here.
 */
export type RowProduct = (queries: Float64Array, gallery: Float64Array, width: number) => SimilarityBlock;

/** Similarities of rows [rowStart, rowEnd) with columns [columnStart, columnEnd); pair (i, j) at (i − rowStart) · stride + j − columnStart. */
export interface SimilarityTile {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly columnStart: number;
  readonly columnEnd: number;
  readonly stride: number;
  readonly values: Float64Array | Float32Array;
}

/** Queries in a block asked from a `SimilarityBlock`: 22 MB of float32 for 21,395 images. */
const QUERIES_GIVEN = 256;
/** Queries in a band of float64 products, and images that they meet while these are in the cache; multiples of four. */
const QUERIES = 64;
const IMAGES = 64;

/** Lets timers and signals run, and throws the signal's reason if it was given meanwhile. `setTimeout` is in every host. */
export async function breathe(signal?: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  signal?.throwIfAborted();
}

export interface BandOptions {
  /** [Q, width] and [N, width]: their inner products are the similarities. */
  readonly queries: Float64Array;
  readonly gallery: Float64Array;
  readonly width: number;
  readonly rowProduct?: RowProduct;
  readonly signal?: AbortSignal;
}

/**
 * Calls `visit` with bands of whole rows, in order of the queries; `values` may be reused for the next. Gives control back to the host
 * after each, where `signal` stops it. Throws when a block from elsewhere has another length or holds a NaN.
 */
export async function forEachSimilarityBand(
  { queries, gallery, width, rowProduct, signal }: BandOptions,
  visit: (band: SimilarityTile) => void,
): Promise<void> {
  const [queryCount, count] = [queries.length / width, gallery.length / width];
  if (rowProduct) {
    await forEachGivenBand(queryCount, count, rowProduct(queries, gallery, width), visit, signal);
    return;
  }
  const [rows, columns] = [padRows(queries, width), padRows(gallery, width)];
  const stride = wholeFours(count);
  const values = new Float64Array(QUERIES * stride);
  for (let rowStart = 0; rowStart < queryCount; rowStart += QUERIES) {
    const rowEnd = Math.min(queryCount, rowStart + QUERIES);
    const band = { values: rows, from: rowStart * width, count: wholeFours(rowEnd - rowStart) };
    values.fill(0);
    for (let start = 0; start < stride; start += IMAGES) {
      const images = { values: columns, from: start * width, count: Math.min(IMAGES, stride - start) };
      addProductTile(band, images, width, values, start, stride);
    }
    visit({ rowStart, rowEnd, columnStart: 0, columnEnd: count, stride, values });
    await breathe(signal);
  }
}

/** The same from a `SimilarityBlock`. */
export async function forEachGivenBand(
  queryCount: number,
  count: number,
  similarityBlock: SimilarityBlock,
  visit: (band: SimilarityTile) => void,
  signal?: AbortSignal,
): Promise<void> {
  for (let rowStart = 0; rowStart < queryCount; rowStart += QUERIES_GIVEN) {
    const rowEnd = Math.min(queryCount, rowStart + QUERIES_GIVEN);
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
