/**
 * How much of an embedding is needed? Recall@1 of its first dimensions, and of random ones (Unicom, ICLR 2023, section 4).
 *
 * Training that selects features at random should give embeddings which stay good when they are cut short. A prefix is what
 * would be stored; random subsets say how much the choice of the dimensions matters.
 */
import { drawDistinct, stream } from "../tensor/random.js";
import { recallAtK, type RecallOptions } from "./recall.js";

export interface PrefixRecallOptions extends Omit<RecallOptions, "ks" | "dimensions"> {
  /** Numbers of dimensions, each in 1 .. E. */
  readonly widths: readonly number[];
}

export interface PrefixRecall {
  readonly width: number;
  /** Recall@1, in [0, 1]. */
  readonly recall: number;
}

/** Recall@1 of the first dimensions, in the order of `widths`; a rowProduct is asked once a width. Throws as `recallAtK`. */
export async function prefixRecall({ widths, ...options }: PrefixRecallOptions): Promise<PrefixRecall[]> {
  const recalls: PrefixRecall[] = [];
  for (const width of widths) {
    recalls.push({ width, recall: await recallAtOne({ ...options, dimensions: width }) });
  }
  return recalls;
}

export interface SubsetRecallOptions extends PrefixRecallOptions {
  /** Random subsets of each width, ≥ 1. */
  readonly draws: number;
  readonly seed: number;
}

export interface SubsetRecall {
  readonly width: number;
  /** Recall@1 over the draws. */
  readonly mean: number;
  readonly least: number;
  readonly largest: number;
  readonly draws: readonly number[];
}

/** Recall@1 of random subsets of the dimensions, in the order of `widths`; a draw depends on (seed, width, its number) alone. */
export async function subsetRecall({ widths, draws, seed, ...options }: SubsetRecallOptions): Promise<SubsetRecall[]> {
  if (!Number.isInteger(draws) || draws < 1) {
    throw new Error(`subsetRecall: a whole number ≥ 1 of draws is needed, given ${draws}.`);
  }
  const recalls: SubsetRecall[] = [];
  for (const width of widths) {
    const drawn: number[] = [];
    for (let draw = 0; draw < draws; draw++) {
      const dimensions = randomDimensions(width, options.embedding, seed, draw);
      drawn.push(await recallAtOne({ ...options, dimensions }));
    }
    const mean = drawn.reduce((sum, recall) => sum + recall, 0) / draws;
    recalls.push({ width, mean, least: Math.min(...drawn), largest: Math.max(...drawn), draws: drawn });
  }
  return recalls;
}

/** Which dimensions a draw takes, rising: with all of them it is the whole embedding, bit for bit. */
function randomDimensions(width: number, embedding: number, seed: number, draw: number): Int32Array {
  if (!Number.isInteger(width) || width < 1 || width > embedding) {
    throw new Error(`subsetRecall: a width is a whole number in 1 .. ${embedding}, given ${width}.`);
  }
  return Int32Array.from(drawDistinct(width, embedding, stream(seed, "embedding dimensions", width, draw))).sort();
}

async function recallAtOne(options: Omit<RecallOptions, "ks">): Promise<number> {
  return (await recallAtK({ ...options, ks: [1] })).recall[0].recall;
}
