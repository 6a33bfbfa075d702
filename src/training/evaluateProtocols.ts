/**
 * The retrieval protocols of Unicom on one part of a data set, on embeddings as the backbone gives them: Recall@K, of all dimensions and of the
 * first ones; mAP@100; classification by nearest neighbours; a linear probe.
 *
 * No class of the part was trained on, so that what is classified are its own images: neighbours are the others of the part (of In-Shop the
 * gallery), and the probe is trained on some images of every class and tested on others.
 */
import type { ImageSet } from "../data/ImageSet.js";
import { queryAndGallery } from "../data/queryAndGallery.js";
import { splitWithinClasses } from "../data/splitWithinClasses.js";
import { effectiveRank, rowsDiffer } from "../evaluation/effectiveRank.js";
import { knnClassification } from "../evaluation/knnClassification.js";
import { linearProbe } from "../evaluation/linearProbe.js";
import { mapAtK } from "../evaluation/mapAtK.js";
import { normalizeRows } from "../evaluation/normalizeRows.js";
import { prefixRecall, type PrefixRecall } from "../evaluation/prefixRecall.js";
import { recallAtK } from "../evaluation/recall.js";
import type { LabelledRows, RetrievalOptions } from "../evaluation/retrievalTask.js";
import type { Engine } from "../tensor/engine.js";
import { EngineRowProduct } from "./engineRowProduct.js";

export const PROTOCOLS = ["recall", "map100", "knn", "linear-probe"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

export interface ProtocolOptions {
  readonly engine: Engine;
  readonly set: ImageSet;
  /** [N, E], raw: as `embedImages` gives them. */
  readonly embeddings: Float32Array;
  /** E */
  readonly embedding: number;
  readonly protocols: readonly Protocol[];
  /** Of the probe's draw. */
  readonly seed?: number | string;
}

/** What was compared with what, in words: stands beside the numbers. */
const OTHERS = "every image asks all others of the part";
const SIDES = "queries ask the gallery";

/** C of the probe: of these validation chooses. */
const PENALTIES = [0.01, 0.1, 1, 10];

/** Name of the protocol → its numbers, shares in [0, 1]. @throws Error where a protocol has nothing to compare in the set */
export async function evaluateProtocols(options: ProtocolOptions): Promise<Partial<Record<Protocol, object>>> {
  const { engine, protocols } = options;
  const product = new EngineRowProduct(engine);
  try {
    const task = { ...sidesOf(options), rowProduct: product.product };
    const results: Partial<Record<Protocol, object>> = {};
    for (const protocol of PROTOCOLS) {
      if (!protocols.includes(protocol)) continue;
      results[protocol] = await run(protocol, task, options);
    }
    return results;
  } finally {
    product.dispose();
  }
}

async function run(protocol: Protocol, task: RetrievalOptions, options: ProtocolOptions): Promise<object> {
  const compared = task.gallery ? SIDES : OTHERS;
  switch (protocol) {
    case "recall":
      return { compared, ...(await recalls(task, options)) };
    case "map100":
      return { compared, ...(await mapAtK({ ...task, limit: 100 })) };
    case "knn":
      return { compared, ...(await knnClassification(task)) };
    case "linear-probe":
      return probe(options);
  }
}

/** The part as its protocol has it: each image against all others, or queries against a gallery. */
function sidesOf({ set, embeddings, embedding }: ProtocolOptions): RetrievalOptions {
  const sides = queryAndGallery(set);
  if (!sides) return { embeddings, labels: set.labels, embedding };
  const rows = (index: Int32Array): LabelledRows => select(embeddings, set.labels, embedding, index);
  return { ...rows(sides.query), gallery: rows(sides.gallery), embedding };
}

async function recalls(task: RetrievalOptions, { embeddings, embedding }: ProtocolOptions): Promise<object> {
  // the Ks that the sets are reported with
  const { recall, ...counts } = await recallAtK({ ...task, ks: task.gallery ? [1, 10, 20, 30] : [1, 2, 4, 8] });
  const widths = prefixWidths(embedding);
  const cut = async (convention: "sliceThenNormalise" | "normaliseThenSlice"): Promise<PrefixRecall[]> =>
    prefixRecall({ ...task, widths, convention });
  // a network that has collapsed has recalls, and no rank
  const rank = rowsDiffer(normalizeRows(embeddings, embedding), embedding)
    ? effectiveRank({ embeddings, embedding, normalize: true })
    : undefined;
  return {
    recall,
    ...counts,
    firstDimensions: {
      sliceThenNormalise: await cut("sliceThenNormalise"),
      normaliseThenSlice: await cut("normaliseThenSlice"),
    },
    effectiveRank: rank ? { participationRatio: rank.participationRatio, entropyRank: rank.entropyRank } : null,
  };
}

/** 8, 16, 32, … below E, and E. */
function prefixWidths(embedding: number): number[] {
  const widths: number[] = [];
  for (let width = 8; width < embedding; width *= 2) widths.push(width);
  return [...widths, embedding];
}

function probe({ set, embeddings, embedding, seed = 0 }: ProtocolOptions): object {
  const { train, validation, test, leftOut } = splitWithinClasses(set.labels, seed);
  if (test.length === 0) {
    throw new Error(
      `linear probe: a class needs three images, to train, to validate and to test on; none of ${set.name} has them (${set.count} images of ${set.classes} classes).`,
    );
  }
  const rows = (index: Int32Array): LabelledRows => select(embeddings, set.labels, embedding, index);
  const result = linearProbe({
    ...{ train: rows(train), validation: rows(validation), test: rows(test) },
    ...{ embedding, inversePenalty: PENALTIES },
  });
  return {
    split: {
      how: "images of every class, drawn by the seed: a fifth to test, a fifth to validate, the others to train",
      ...{ seed, train: train.length, validation: validation.length, test: test.length, leftOut },
    },
    ...result,
  };
}

function select(embeddings: Float32Array, labels: Int32Array, embedding: number, index: Int32Array): LabelledRows {
  const rows = new Float32Array(index.length * embedding);
  for (const [place, image] of index.entries()) {
    rows.set(embeddings.subarray(image * embedding, (image + 1) * embedding), place * embedding);
  }
  return { embeddings: rows, labels: Int32Array.from(index, (image) => labels[image]) };
}
