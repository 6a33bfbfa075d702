/**
 * What a benchmark of the head needs in memory, and whether that is there: asked before anything is allocated.
 *
 * Beside centers and momentum a step holds some arrays of the size of its logits [N, S] and of its sample [S, E]. How many depends on the
 * path; four of each is what the readable one holds at its fullest (values, gradients, and one in between).
 */
import { bytes as inWords } from "../training/report/results.js";
import { headModel, type HeadSize } from "./headModel.js";

const ARRAYS_OF_A_STEP = 4;

/** Of the tables that are held at once (one, or one for each alternative), and of the largest step. */
export function neededBytes(sizes: readonly HeadSize[], tables: number): number {
  const models = sizes.map((size) => ({ ...headModel(size), gathered: 4 * headModel(size).sampled * size.embedding }));
  const step = models.map(({ logitsBytes, gathered }) => ARRAYS_OF_A_STEP * (logitsBytes + gathered));
  return tables * Math.max(...models.map(({ tableBytes }) => tableBytes)) + Math.max(...step);
}

/** @throws Error, with both numbers, where it does not fit. */
export function assertFits(needed: number, available: number, what: string): void {
  if (needed <= available) return;
  throw new Error(
    `${what} needs ${inWords(needed)} (${needed} bytes), but ${inWords(available)} (${available} bytes) of memory are there; ` +
      "take fewer classes, a shorter embedding or a smaller batch.",
  );
}

/** least, and the ones, threes and tens above it up to most: 10,000, 30,000, 100,000, … */
export function classCounts(least: number, most: number): number[] {
  const counts = [least];
  for (let power = 1; power <= most; power *= 10) {
    for (const count of [power, 3 * power]) if (count > least && count <= most) counts.push(count);
  }
  return counts;
}
