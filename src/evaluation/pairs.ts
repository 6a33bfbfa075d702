/**
 * Pairs of images for verification: half of the same class, half of different classes, none twice.
 *
 * All genuine pairs are numbered, and all impostor pairs; distinct numbers are drawn by Floyd's method (`drawDistinct`), which needs one
 * draw a pair however dense the sample is, and turned into pairs. So every genuine pair is as likely
 * as any other (a class of n images has n(n−1)/2 of them), and every impostor pair too.
 *
 * Left out: folds with disjoint classes, as the published face sets have them; here a class may occur in several folds.
 */
import { drawDistinct, type Random } from "../tensor/random.js";
import { classGroups } from "./classGroups.js";
import { checkedLabels } from "./normalizeRows.js";

/** Pair p compares image first[p] with image second[p]; same[p] is 1 for a genuine pair and 0 for an impostor pair. All [P]. */
export interface Pairs {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly same: Uint8Array;
}

/** Throws unless first, second and same have one entry a pair, and the pairs are of images 0 … rows − 1. */
export function checkPairs({ first, second, same }: Pairs, rows: number): void {
  if (first.length !== second.length || first.length !== same.length) {
    throw new Error(
      `pairs: first, second and same have one entry a pair; given ${first.length}, ${second.length} and ${same.length}.`,
    );
  }
  for (let p = 0; p < first.length; p++) {
    if (!(first[p] >= 0 && first[p] < rows && second[p] >= 0 && second[p] < rows)) {
      throw new Error(
        `pairs: images are numbered 0 .. ${rows - 1}, but pair ${p} compares ${first[p]} with ${second[p]}.`,
      );
    }
  }
}

/**
 * `count` distinct pairs (i < j), genuine and impostor in turn, so that contiguous folds are balanced.
 *
 * A pure function of the labels, the count and the random stream. Throws when the count is odd or not positive, and when
 * the labels allow fewer pairs of a kind than are asked for.
 */
export function randomPairs(labels: ArrayLike<number>, count: number, random: Random): Pairs {
  if (!Number.isInteger(count) || count < 2 || count % 2 !== 0) {
    throw new Error(
      `randomPairs: half of the pairs are genuine, so their number is even and at least 2; given ${count}.`,
    );
  }
  const { order, end, classes } = classGroups(checkedLabels(labels, labels.length));
  const images = order.length;
  const genuine = new Float64Array(images + 1); // genuine[p]: pairs of positions before p with later positions
  const impostor = new Float64Array(images + 1);
  for (let p = 0; p < images; p++) {
    genuine[p + 1] = genuine[p] + (end[p] - p - 1);
    impostor[p + 1] = impostor[p] + (images - end[p]);
  }
  const half = count / 2;
  for (const [kind, possible] of [
    ["genuine", genuine[images]],
    ["impostor", impostor[images]],
  ] as const) {
    if (possible < half) {
      throw new Error(
        `randomPairs: ${count} pairs need ${half} ${kind} ones, but ${images} images of ${classes} classes form only ${possible}.`,
      );
    }
  }
  const pairs = { first: new Int32Array(count), second: new Int32Array(count), same: new Uint8Array(count) };
  const place = (slot: number, p: number, q: number, same: 0 | 1): void => {
    pairs.first[slot] = Math.min(order[p], order[q]);
    pairs.second[slot] = Math.max(order[p], order[q]);
    pairs.same[slot] = same;
  };
  // Floyd's method leaves an order, so the numbers are shuffled
  const numbers = (possible: number): number[] => random.shuffle([...drawDistinct(half, possible, random)]);
  numbers(genuine[images]).forEach((number, i) => {
    const p = positionOf(number, genuine);
    place(2 * i, p, p + 1 + (number - genuine[p]), 1);
  });
  numbers(impostor[images]).forEach((number, i) => {
    const p = positionOf(number, impostor);
    place(2 * i + 1, p, end[p] + (number - impostor[p]), 0);
  });
  return pairs;
}

/** The position p with cumulative[p] ≤ number < cumulative[p + 1], by bisection. */
function positionOf(number: number, cumulative: Float64Array): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (cumulative[middle] <= number) low = middle;
    else high = middle;
  }
  return low;
}
