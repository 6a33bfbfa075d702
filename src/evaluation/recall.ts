/**
 * Recall@K: every query asks a gallery for its class; a hit when one of the K nearest images has it.
 *
 * The definition of the metric-learning literature (Jégou et al. 2011; Oh Song et al., CVPR 2016): per query 0 or 1, averaged
 * over the queries. Without a gallery every image asks all the others (CUB, Cars, SOP), with one the queries ask it (In-Shop). Of equally
 * near images the lower index comes first, unless `ties` says otherwise. A query whose class has no (other) image in the gallery cannot be answered: it is left out of
 * the mean, counted, and stays in the gallery of the others; or, as in Unicom's public code, it is a miss.
 *
 * No list of neighbours is needed: with p the nearest image of the query's class, K suffices exactly when fewer than K images of other
 * classes come before p (`othersAhead.ts`). So all Ks cost one pass.
 */
import { cutEmbeddings, type Cut } from "./cutEmbeddings.js";
import { othersAhead, othersAheadInTriangle } from "./othersAhead.js";
import { rowsByDistance } from "./rankings.js";
import { retrievalTask, type RetrievalOptions } from "./retrievalTask.js";

export interface RecallOptions extends RetrievalOptions, Cut {
  /** The Ks, whole numbers ≥ 1; K ≥ the size of the gallery is a hit for every query that can be answered. */
  readonly ks: readonly number[];
  /**
   * How an image without a gallery is kept from finding itself. `"index"` (default) leaves out the image of its number. `"nearest"`
   * drops whatever comes first, as the public code does: where another image is equal to the query, the query may then find itself.
   */
  readonly exclude?: "index" | "nearest";
  /**
   * Who comes first of an image of the query's class and equally near ones of others. `"index"` (default): the lower index. `"favourable"`: the
   * query's class, as public code counts that compares numbers and not ranks; a network that maps all images to one point then has recall 1.
   */
  readonly ties?: "index" | "favourable";
  /** What becomes of queries that cannot be answered; default `"leftOut"`. */
  readonly unanswerable?: "leftOut" | "missed";
}

export interface RecallResult {
  /** In the order of `ks`; recall in [0, 1]. */
  readonly recall: readonly { readonly k: number; readonly recall: number }[];
  /** Queries that count. */
  readonly queries: number;
  /** Queries whose class has no other image, where these do not count. */
  readonly leftOut: number;
  /** Embeddings without a direction (after the cut), at cosine 0 from everything; those of a gallery are counted as well. */
  readonly zeroEmbeddings: number;
}

/**
 * Recall at each K, of embeddings cut to `dimensions` if these are given.
 *
 * Ranks by cosine, which among unit rows is the distance; under `normaliseThenSlice` rows are shorter than one, and the distance ranks.
 * Throws for embeddings, labels, dimensions or Ks that do not fit, and when no query counts.
 */
export async function recallAtK(options: RecallOptions): Promise<RecallResult> {
  const {
    embedding,
    gallery,
    ks,
    exclude = "index",
    ties = "index",
    unanswerable = "leftOut",
    rowProduct,
    signal,
  } = options;
  for (const k of ks) {
    if (!Number.isInteger(k) || k < 1) throw new Error(`recallAtK: a K is a whole number ≥ 1, given ${ks.join(", ")}.`);
  }
  if (gallery && exclude === "nearest") {
    throw new Error(`recallAtK: exclude "nearest" drops the query itself, which is not among a gallery's images.`);
  }
  if (exclude === "nearest" && ties === "favourable") {
    throw new Error(
      `recallAtK: exclude "nearest" drops whatever ranks first, for which ties "favourable" has no order.`,
    );
  }
  const task = retrievalTask("recallAtK", options, (rows) => cutEmbeddings(rows, embedding, options));
  const byDistance = options.convention === "normaliseThenSlice";
  const compared = byDistance ? { ...task, ...rowsByDistance(task) } : task;
  const isSymmetric = task.isSelf && !byDistance && exclude === "index" && ties === "index" && !rowProduct;
  const ahead = isSymmetric
    ? await othersAheadInTriangle(task, signal)
    : await othersAhead({ ...compared, exclude, ties, rowProduct, signal });
  let [queries, leftOut] = [0, 0];
  const hits = new Float64Array(ks.length);
  task.relevant.forEach((relevant, query) => {
    if (relevant === 0 && unanswerable === "leftOut") {
      leftOut++;
      return;
    }
    queries++;
    for (let k = 0; k < ks.length; k++) if (ahead[query] < ks[k]) hits[k]++;
  });
  if (queries === 0) {
    throw new Error(
      `recallAtK: a query needs ${task.isSelf ? "another" : "an"} image of its class, but ${leftOut} queries find none among ${task.galleryLabels.length} images of ${new Set(task.galleryLabels).size} classes.`,
    );
  }
  return {
    recall: ks.map((k, i) => ({ k, recall: hits[i] / queries })),
    ...{ queries, leftOut, zeroEmbeddings: task.zeroEmbeddings },
  };
}
