/**
 * Which rank owns which classes (Partial FC: every device holds a part of the centers).
 *
 * Blocks are contiguous, in rank order, and differ by at most one class. With fewer classes than ranks the last ranks own none: they take
 * part in every collective and have nothing to offer.
 */
export interface Shard {
  readonly rank: number;
  /** K */
  readonly ranks: number;
  /** The first class of this rank. */
  readonly start: number;
  /** How many classes this rank owns: start <= class < start + classes. */
  readonly classes: number;
}

/**
 * Rank k of K owns ⌊C/K⌋ classes, and one more if k < C mod K.
 *
 * @throws Error if C is no whole number from 1.
 */
export function shardOf(classes: number, rank: number, ranks: number): Shard {
  if (!Number.isInteger(classes) || classes < 1) {
    throw new Error(`classes: there is a whole number of classes, at least one; given ${classes}.`);
  }
  const each = Math.floor(classes / ranks);
  const over = classes % ranks;
  return { rank, ranks, start: each * rank + Math.min(rank, over), classes: each + (rank < over ? 1 : 0) };
}

/** Labels as seen from a shard: counted from its first class; −1 where another rank owns the class.  [N] → [N] */
export function localLabels(labels: Int32Array, { start, classes }: Shard): Int32Array {
  return labels.map((label) => (label >= start && label < start + classes ? label - start : -1));
}

/** @throws Error if a label is not one of the classes 0 … C − 1: it would belong to no rank, and the loss would be 69.0776. */
export function checkLabels(labels: Int32Array, classes: number): void {
  const row = labels.findIndex((label) => label < 0 || label >= classes);
  if (row >= 0) {
    throw new Error(
      `labels: a label is a class from 0 to ${classes - 1}, but row ${row} of the batch has ${labels[row]}.`,
    );
  }
}
