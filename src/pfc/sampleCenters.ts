/**
 * Which class centers take part in a step: the idea of Partial FC (An et al. 2022).
 *
 * Every class that occurs in the batch is kept (a positive); the rest of the budget r·C goes to classes drawn without
 * replacement, all equally likely (negatives). Labels are renumbered so that they point into the sample.
 *
 * The budget counts the positives in. Where they alone exceed it all are kept and **no negative is drawn**: the layer then learns
 * from the batch's own classes only. A sample says so (`overflow`).
 *
 * Left out: dropping positives to keep within the budget (the first public version did), weighting by class frequency.
 */
import { lowerBound } from "../nn/lowerBound.js";
import { drawDistinct, type Random } from "../tensor/random.js";
import { checkLabels } from "./shard.js";

export interface CenterSample {
  /** The sampled classes, ascending: [S]. */
  readonly index: Int32Array;
  /** Where the label of each row stands in `index`: [N]; −1 where another rank owns the class. */
  readonly labels: Int32Array;
  /** Distinct classes of the batch. S = positives + negatives. */
  readonly positives: number;
  readonly negatives: number;
  /** trunc(r·C) */
  readonly budget: number;
  /** The positives exceeded the budget: there are no negatives. */
  readonly overflow: boolean;
}

/** What a sampler is asked. */
export interface SampleRequest {
  /** Distinct classes of the batch, ascending. All of them have to be sampled. */
  readonly positives: Int32Array;
  /** C, or the classes of a rank's shard. */
  readonly classes: number;
  readonly budget: number;
  readonly step: number;
  readonly rank: number;
}

/** Chooses the classes of a step, ascending. */
export type Sampler = (request: SampleRequest) => Int32Array;

/**
 * The definition: give every class a random score and every positive a score above all, and keep the `budget` best.
 *
 * @param scores one number in [0, 1) a class: [C]; a positive counts as 2
 * @param positives distinct classes, ascending
 * @returns the sampled classes, ascending; of equal scores the lower class is kept
 */
export function sampleByScores(scores: ArrayLike<number>, positives: Int32Array, budget: number): Int32Array {
  if (positives.length > budget) return positives.slice();
  const score = Float64Array.from(scores);
  for (const positive of positives) score[positive] = 2;
  const ranking = Int32Array.from(score.keys()).sort((a, b) => score[b] - score[a] || a - b);
  return ranking.subarray(0, budget).sort();
}

/**
 * The same in distribution, in time proportional to the sample: no score is drawn for the classes that are not sampled.
 *
 * The C − P classes that are no positives are numbered 0 … C − P − 1 (their rank), ranks are drawn, and a merge with the positives
 * turns ranks into classes.
 */
export function drawCenters(positives: Int32Array, classes: number, budget: number, random: Random): Int32Array {
  const count = Math.max(0, budget - positives.length);
  const ranks = ascending(drawDistinct(count, classes - positives.length, random), classes);
  const sample = new Int32Array(positives.length + count);
  let passed = 0; // positives that are already in the sample: all that are smaller
  for (let drawn = 0; drawn < count; drawn++) {
    const rank = ranks[drawn];
    // the class of this rank, if it lies before the next positive
    while (passed < positives.length && positives[passed] <= rank + passed)
      sample[drawn + passed] = positives[passed++];
    sample[drawn + passed] = rank + passed;
  }
  sample.set(positives.subarray(passed), count + passed);
  return sample;
}

/** Sorts by eleven bits at a time, which is twice as fast as comparing. bound: more than any of the numbers. */
function ascending(numbers: ArrayLike<number>, bound: number): Int32Array {
  let [from, to] = [Int32Array.from(numbers), new Int32Array(numbers.length)];
  for (let shift = 0; 2 ** shift < bound; shift += 11) {
    const starts = new Int32Array(2049);
    for (let i = 0; i < from.length; i++) starts[((from[i] >>> shift) & 2047) + 1]++;
    for (let digit = 0; digit < 2048; digit++) starts[digit + 1] += starts[digit];
    for (let i = 0; i < from.length; i++) to[starts[(from[i] >>> shift) & 2047]++] = from[i];
    [from, to] = [to, from];
  }
  return from;
}

/** trunc(r·C): how many centers a step may sample. @throws Error if the ratio lies outside [0, 1]. */
export function budgetOf(ratio: number, classes: number): number {
  if (!(ratio >= 0 && ratio <= 1)) {
    throw new Error(`ratio: the share of class centers that are sampled lies between 0 and 1, given ${ratio}.`);
  }
  return Math.trunc(ratio * classes);
}

/** The distinct classes of the batch, ascending, −1 left out. */
export function distinctLabels(labels: Int32Array): Int32Array {
  return Int32Array.from(new Set(labels.filter((label) => label !== -1))).sort();
}

/** What was sampled, with the labels renumbered. @throws Error if a class of the batch is missing in `index`. */
export function describeSample(
  index: Int32Array,
  labels: Int32Array,
  positives: Int32Array,
  budget: number,
): CenterSample {
  return {
    index,
    labels: labels.map((label) => (label === -1 ? -1 : positionOf(label, index))),
    positives: positives.length,
    negatives: index.length - positives.length,
    budget,
    overflow: positives.length > budget,
  };
}

function positionOf(label: number, index: Int32Array): number {
  const position = lowerBound(index, label);
  if (index[position] !== label) {
    throw new Error(
      `sampler: every class of the batch has to be sampled, but ${label} is not among the ${index.length}.`,
    );
  }
  return position;
}

/**
 * The centers of one step on one rank: positives, and negatives from `random`. A sample with ratio 1 is all classes.
 *
 * @throws Error if a label is outside [0, C), or the ratio outside [0, 1]
 */
export function sampleCenters(labels: Int32Array, classes: number, ratio: number, random: Random): CenterSample {
  checkLabels(labels, classes);
  const positives = distinctLabels(labels);
  const budget = budgetOf(ratio, classes);
  return describeSample(drawCenters(positives, classes, budget, random), labels, positives, budget);
}
