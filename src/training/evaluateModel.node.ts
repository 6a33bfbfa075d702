/**
 * The protocols of the report on one part of a data set: Recall@K, ten-fold verification on random pairs, TAR at FAR over all pairs;
 * error-versus-discard curves where quality was learned; and with the test part Omniglot's official one-shot runs, and verification on the
 * pair files beside the set.
 */
import { QualityNetwork } from "../crfiqa/index.js";
import { genuinePairs } from "../data/classSizes.js";
import type { DataSet } from "../data/DataSet.js";
import type { ImageSet } from "../data/ImageSet.js";
import type { PairSet } from "../data/pairSet.js";
import { allPairsRoc } from "../evaluation/allPairsRoc.js";
import { nearestNeighbours } from "../evaluation/nearestNeighbours.js";
import { sumMirrored } from "../evaluation/normalizeRows.js";
import { oneShot } from "../evaluation/oneShot.js";
import { randomPairs } from "../evaluation/pairs.js";
import { recallAtK } from "../evaluation/recall.js";
import { equalErrorRate, tarAtFar, thinRoc } from "../evaluation/roc.js";
import { verification } from "../evaluation/verification.js";
import type { Module } from "../nn/index.js";
import type { Engine } from "../tensor/engine.js";
import { stream } from "../tensor/random.js";
import { embedImages } from "./embedImages.js";
import { evaluateQuality } from "./evaluateQuality.js";
import type { ExampleRow } from "./examples.js";
import type { EvaluationResult, PairSetResult } from "./metrics.js";
import { pictureOf } from "./pictureOf.node.js";
import { scoreEmbeddings } from "./scoreImages.js";

/** Random pairs of the verification protocol, half of them genuine; the draw is the same for every run. */
const PAIRS = 6000;
const FALSE_ACCEPT_RATES = [1e-1, 1e-2, 1e-3, 1e-4];
/** Rows and columns of the strip of examples. */
const EXAMPLES = { queries: 8, neighbours: 8 };

export interface EvaluateOptions {
  readonly engine: Engine;
  readonly backbone: Module;
  readonly data: DataSet;
  readonly part: "validation" | "test";
  /** E */
  readonly embedding: number;
  /** Stops the evaluation within a second or so: the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface Evaluation {
  readonly result: EvaluationResult;
  readonly examples: readonly ExampleRow[];
}

/** Embeds the part with the backbone as it is and runs all protocols; scores in float64 on the host. Throws where there is no such part. */
export async function evaluateModel(options: EvaluateOptions): Promise<Evaluation> {
  const { engine, backbone, data, part, embedding, signal } = options;
  const set = data[part];
  if (!set) throw new Error(`data set ${data.name} has no ${part} part: it was opened without held-out classes.`);
  const embeddings = await embedImages({ engine, backbone, set, signal }); // [N, E]
  const { labels } = set;
  const recall = await recallAtK({ embeddings, labels, embedding, ks: [1, 5], signal });
  const pairs = randomPairs(labels, pairCount(set), stream("verification pairs"));
  const { accuracy, deviation } = verification({ embeddings, embedding, pairs });
  const roc = await allPairsRoc({ embeddings, labels, embedding, signal });
  return {
    result: {
      images: set.count,
      classes: set.classes,
      recallAt1: recall.recall[0].recall,
      recallAt5: recall.recall[1].recall,
      verification: { accuracy, deviation, pairs: pairs.same.length },
      equalErrorRate: equalErrorRate(roc),
      tarAtFar: tarAtFar(roc, FALSE_ACCEPT_RATES).map(({ far, tar }) => ({ far, tar })),
      ...(part === "test" && data.oneShot && { oneShot: await oneShotAccuracy(options, data.oneShot) }),
      ...(part === "test" && data.pairs && { pairSets: await pairAccuracies(options, data.pairs) }),
      ...(backbone instanceof QualityNetwork && {
        quality: evaluateQuality({
          scores: await scoreEmbeddings({ engine, network: backbone }, embeddings, embedding),
          ...{ embeddings, embedding, pairs, severity: set.measures.severity },
        }),
      }),
      roc: thinRoc(roc),
    },
    examples: await exampleRows(set, embeddings, embedding),
  };
}

/** As many genuine pairs as impostor ones, no more than there are images, and no pair twice. */
function pairCount(set: ImageSet): number {
  const { count } = set;
  const genuine = genuinePairs(set);
  const impostor = (count * (count - 1)) / 2 - genuine;
  return Math.min(PAIRS, 2 * Math.floor(count / 2), 2 * genuine, 2 * impostor);
}

/** Test images with those that the network takes for nearest. */
async function exampleRows(set: ImageSet, embeddings: Float32Array, embedding: number): Promise<ExampleRow[]> {
  const { neighbours } = EXAMPLES;
  const picture = async (index: number): Promise<ExampleRow["query"]> => ({
    label: set.labels[index],
    picture: await pictureOf(set, index),
  });
  const rows = nearestNeighbours({ embeddings, embedding, queries: spread(set.count), neighbours });
  return Promise.all(
    rows.map(async ({ query, nearest }) => ({
      query: await picture(query),
      nearest: await Promise.all(nearest.map(async ({ index, cosine }) => ({ ...(await picture(index)), cosine }))),
    })),
  );
}

/** Queries of the examples, evenly spaced over the set. */
function spread(count: number): number[] {
  const queries = Math.min(count, EXAMPLES.queries);
  return Array.from({ length: queries }, (_, i) => Math.floor(((i + 0.5) * count) / queries));
}

async function oneShotAccuracy({ embedding, ...options }: EvaluateOptions, set: ImageSet): Promise<number> {
  const { run, test, class: classes } = set.columns;
  const embeddings = await embedImages({ ...options, set });
  return oneShot({ embeddings, embedding, runs: run, isTest: test, classes }).accuracy;
}

/** The protocol of the face sets: the embeddings of an image and of its mirror image are added. */
async function pairAccuracies(
  { embedding, ...options }: EvaluateOptions,
  sets: readonly PairSet[],
): Promise<PairSetResult[]> {
  const results: PairSetResult[] = [];
  for (const { name, images, same } of sets) {
    const plain = await embedImages({ ...options, set: images });
    const mirrored = await embedImages({ ...options, set: images, mirror: true });
    const first = Int32Array.from(same, (_, i) => 2 * i);
    const pairs = { first, second: first.map((image) => image + 1), same };
    const { accuracy, deviation } = verification({ embeddings: sumMirrored(plain, mirrored), embedding, pairs });
    results.push({ name, accuracy, deviation, pairs: same.length });
  }
  return results;
}
