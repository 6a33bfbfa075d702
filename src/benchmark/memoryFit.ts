/**
 * What a benchmark of the head needs in memory, and whether that is there: asked before anything is allocated.
 *
 * Beside centers and momentum a step holds some arrays of the size of its logits [N, S] and, on the readable path, of its sample [S, E]
 * (values, gradients, and what lies between them: four of each at the fullest). The fused path keeps the cosines, and of the sample nothing; in blocks it keeps neither.
 */
import { bytes as inWords } from "../training/report/results.js";
import { headModel, type HeadSize } from "./headModel.js";
import type { HeadPath } from "./headWork.js";

/** Arrays that a step holds at once. */
const HELD: Readonly<Record<HeadPath, { readonly logits: number; readonly samples: number }>> = {
  formula: { logits: 4, samples: 4 },
  fused: { logits: 1, samples: 0 },
  blocks: { logits: 0, samples: 0 },
};

/** Of the tables that are held at once (one, or one for each alternative), and of the largest step. */
export function neededBytes(sizes: readonly (HeadSize & { readonly path: HeadPath })[], tables: number): number {
  const each = sizes.map(({ path, ...size }) => {
    const { tableBytes, logitsBytes, sampled } = headModel(size);
    const { logits, samples } = HELD[path];
    return { table: tableBytes, step: logits * logitsBytes + samples * 4 * sampled * size.embedding };
  });
  return tables * Math.max(...each.map(({ table }) => table)) + Math.max(...each.map(({ step }) => step));
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
