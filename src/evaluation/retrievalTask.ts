/**
 * Who asks whom: queries with labels and the gallery they search, the common ground of the retrieval protocols.
 *
 * With a gallery (In-Shop) the two are different images. Without one (CUB, Cars, SOP, iNaturalist) the queries are each other's gallery, and a
 * query is left out of it by its number, never for being nearest: another image may be equal to it.
 */
import { checkedLabels, countRows, countZeroRows, type EmbeddingRows } from "./normalizeRows.js";
import type { RowProduct } from "./similarityBands.js";

export interface LabelledRows {
  /** [N, E], raw. */
  readonly embeddings: EmbeddingRows;
  /** [N] */
  readonly labels: ArrayLike<number>;
}

export interface RetrievalOptions extends LabelledRows {
  /** E */
  readonly embedding: number;
  /** Where left out, every query asks all the others. */
  readonly gallery?: LabelledRows;
  /** Inner products from elsewhere (an engine's matrix product), used instead of float64 products: `SimilarityBlock` says how exact. */
  readonly rowProduct?: RowProduct;
  /** Stops a long evaluation: the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface RetrievalTask {
  /** [Q, width] and [N, width], made ready by `prepare`. */
  readonly queries: Float64Array;
  readonly gallery: Float64Array;
  readonly width: number;
  /** [Q] and [N] */
  readonly queryLabels: Int32Array;
  readonly galleryLabels: Int32Array;
  /** Images of the query's class that it can find: [Q] */
  readonly relevant: Int32Array;
  /** The queries are each other's gallery. */
  readonly isSelf: boolean;
  /** Rows of zeros among queries and gallery as they are compared. */
  readonly zeroEmbeddings: number;
}

/**
 * Checks both sides and prepares their rows.
 *
 * `prepare`: [N, E] → [N, width], such as `cutEmbeddings`. Throws for embeddings and labels that do not fit, and for a query alone in its gallery.
 */
export function retrievalTask(
  name: string,
  { embeddings, labels, embedding, gallery }: RetrievalOptions,
  prepare: (embeddings: EmbeddingRows) => { readonly rows: Float64Array; readonly width: number },
): RetrievalTask {
  const labelsOf = (side: LabelledRows, what?: string): Int32Array =>
    checkedLabels(side.labels, countRows(side.embeddings, embedding), what);
  const queryLabels = labelsOf({ embeddings, labels });
  const galleryLabels = gallery ? labelsOf(gallery, "labels of the gallery") : queryLabels;
  if (!gallery && queryLabels.length < 2) throw new Error(`${name}: a query alone in its gallery has nothing to find.`);
  const { rows: queries, width } = prepare(embeddings);
  const others = gallery ? prepare(gallery.embeddings).rows : queries;
  const sizes = new Map<number, number>();
  for (const label of galleryLabels) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const relevant = queryLabels.map((label) => (sizes.get(label) ?? 0) - (gallery ? 0 : 1));
  return {
    ...{ queries, gallery: others, width, queryLabels, galleryLabels, relevant, isSelf: !gallery },
    zeroEmbeddings: countZeroRows(queries, width) + (gallery ? countZeroRows(others, width) : 0),
  };
}
