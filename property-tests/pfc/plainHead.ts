/** The head that plain arrays compute a second time (`test/pfc/fullSoftmax.ts`): CosFace, a small scale, rows that are not short. */
import { cosFace } from "../../src/pfc/margins/cosFace.js";
import { fullSoftmaxLoss, type Matrix } from "../../test/pfc/fullSoftmax.js";
import type { HeadProblem } from "../arbitraries/headProblems.js";

export const SCALE = 4;
export const MARGIN = 0.3;
export const margin = cosFace({ scale: SCALE, margin: MARGIN });

/**
 * How far central differences with h = 1e-5 may be off: h²/6 times a third derivative of some s³/‖v‖³, with rows from 1/4 in length, and
 * 1e-16/h times a loss of some 10. At cosines of ±1 CosFace is stationary and has no kink.
 */
export const DIFFERENCE = (1e-10 / 6) * (SCALE * 4) ** 3 + 1e-10;

export function toRows(values: Float64Array, columns: number): Matrix {
  return Array.from({ length: values.length / columns }, (_, row) => [
    ...values.subarray(row * columns, (row + 1) * columns),
  ]);
}

/** Embeddings, centers and labels of the first step, on plain arrays. */
export function plain({ embedding, centers, batches: [batch] }: HeadProblem): {
  readonly x: Matrix;
  readonly w: Matrix;
  readonly y: readonly number[];
} {
  return { x: toRows(batch.embeddings, embedding), w: toRows(centers, embedding), y: batch.labels };
}

/** The loss of the softmax over these classes only. */
export function lossOver(index: readonly number[], x: Matrix, w: Matrix, y: readonly number[]): number {
  const centers = index.map((j) => w[j]);
  const positions = y.map((label) => index.indexOf(label));
  return fullSoftmaxLoss(x, centers, positions, SCALE, MARGIN);
}
