/**
 * Classification by the nearest images of a gallery, weighted: features are judged as they are, nothing is trained.
 *
 * The protocol of instance discrimination (Wu et al., CVPR 2018, section 3.4), which Unicom reports on ImageNet: unit features, the
 * nearest 200 images vote for their classes with weights softmax(cosine/0.07), and for a smaller k the vote is cut to the k nearest. The softmax runs over
 * the 200, so cutting does not change a weight. Of equal votes the lower class comes first; a class without a vote is never a
 * prediction, so fewer than five classes may be predicted.
 */
import { normalizeRows } from "./normalizeRows.js";
import { forEachRanking } from "./rankings.js";
import { retrievalTask, type RetrievalOptions } from "./retrievalTask.js";

export interface KnnClassificationOptions extends RetrievalOptions {
  /** Voters, each in 1 .. `neighbours`; default 10, 20, 100, 200. */
  readonly ks?: readonly number[];
  /** Over how many of the nearest the softmax runs; default 200. */
  readonly neighbours?: number;
  /** Default 0.07. */
  readonly temperature?: number;
}

export interface KnnClassificationResult {
  /** In the order of `ks`; `voters` is less than k where the gallery is smaller. Accuracies in [0, 1]. */
  readonly accuracy: readonly {
    readonly k: number;
    readonly voters: number;
    readonly top1: number;
    readonly top5: number;
  }[];
  readonly queries: number;
  readonly zeroEmbeddings: number;
}

/**
 * Accuracy for each number of voters. Every query counts, also one whose class the gallery lacks. Throws for embeddings, labels, ks or
 * a temperature that do not fit.
 */
export async function knnClassification(options: KnnClassificationOptions): Promise<KnnClassificationResult> {
  const { embedding, ks = [10, 20, 100, 200], neighbours = 200, temperature = 0.07, rowProduct, signal } = options;
  const fits = (k: number): boolean => Number.isInteger(k) && k >= 1 && k <= neighbours;
  if (!Number.isInteger(neighbours) || !ks.every(fits) || !(temperature > 0)) {
    throw new Error(
      `knnClassification: ks are whole numbers in 1 .. neighbours and the temperature is positive; given ks ${ks.join(", ")}, ${neighbours} neighbours and a temperature of ${temperature}.`,
    );
  }
  const unit = (rows: Float32Array | Float64Array): { rows: Float64Array; width: number } => ({
    rows: normalizeRows(rows, embedding),
    width: embedding,
  });
  const task = retrievalTask("knnClassification", options, unit);
  const { queryLabels, galleryLabels, isSelf, zeroEmbeddings } = task;
  const queries = queryLabels.length;
  const top1 = new Float64Array(ks.length);
  const top5 = new Float64Array(ks.length);
  await forEachRanking({ ...task, limit: neighbours, rowProduct, signal }, (query, ranking, scores) => {
    const cosines = Float64Array.from(ranking, (image) => scores[image]);
    const classes = ranking.map((image) => galleryLabels[image]);
    ks.forEach((k, i) => {
      const place = classesByVote(classes, cosines, k, temperature).indexOf(queryLabels[query]);
      if (place === 0) top1[i]++;
      if (place >= 0 && place < 5) top5[i]++;
    });
  });
  const available = galleryLabels.length - (isSelf ? 1 : 0);
  return {
    accuracy: ks.map((k, i) => ({
      ...{ k, voters: Math.min(k, available) },
      ...{ top1: top1[i] / queries, top5: top5[i] / queries },
    })),
    ...{ queries, zeroEmbeddings },
  };
}

/**
 * Classes by falling sum of votes, of equal ones the lower first. `classes` and `cosines`: of the neighbours, nearest first, of which the
 * first k vote. The softmax's denominator is common to all votes and left out.
 */
export function classesByVote(classes: Int32Array, cosines: Float64Array, k: number, temperature: number): number[] {
  const votes = new Map<number, number>();
  for (let i = 0; i < Math.min(k, classes.length); i++) {
    const vote = Math.exp((cosines[i] - cosines[0]) / temperature); // the nearest has 1: no overflow
    votes.set(classes[i], (votes.get(classes[i]) ?? 0) + vote);
  }
  return [...votes].sort(([a, x], [b, y]) => y - x || a - b).map(([label]) => label);
}
