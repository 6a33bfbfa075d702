/**
 * Best and second best score of every row: a matrix product, then one cell a row that walks along its scores.
 *
 * Scores are stored here, so many rows are taken a part at a time.
 */
import { checkNearestRows, NO_SCORE, type NearestRows } from "../../nearestRows.js";
import type { Tensor } from "../../tensor.js";
import type { Context } from "./context.js";
import { kernel, type Thread } from "./kernel.js";
import { concatenate, slice } from "./movement.js";
import { matmul } from "./products.js";

/** The column of the first of the largest scores. */
const indexKernel = kernel(
  "nearestRows, index",
  { arrays: 2, integers: 1, numbers: 1 },
  function (this: Thread, products: number[], bias: number[], columns: number, least: number) {
    let best = least;
    let index = 0;
    let position = 0;
    for (let j = 0; j < columns; j++) {
      const score = products[this.thread.x * columns + j] + bias[j];
      if (score > best) {
        best = score;
        index = position;
      }
      position += 1;
    }
    return index;
  },
);

const bestKernel = kernel(
  "nearestRows, best",
  { arrays: 2, integers: 1, numbers: 1 },
  function (this: Thread, products: number[], bias: number[], columns: number, least: number) {
    let best = least;
    for (let j = 0; j < columns; j++) {
      const score = products[this.thread.x * columns + j] + bias[j];
      if (score > best) best = score;
    }
    return best;
  },
);

const secondKernel = kernel(
  "nearestRows, second",
  { arrays: 2, integers: 1, numbers: 1 },
  function (this: Thread, products: number[], bias: number[], columns: number, least: number) {
    let best = least;
    let second = least;
    for (let j = 0; j < columns; j++) {
      const score = products[this.thread.x * columns + j] + bias[j];
      if (score > best) {
        second = best;
        best = score;
      } else if (score > second) {
        second = score;
      }
    }
    return second;
  },
);

/** Scores that are stored at once: 256 MiB. */
const MOST_SCORES = 2 ** 26;

/** x: [N, M], centers: [K, M], bias: [K] → [N] each */
export function nearestRows(
  context: Context,
  x: Tensor,
  centers: Tensor,
  bias: Tensor,
  mostScores = MOST_SCORES,
): NearestRows {
  checkNearestRows(x, centers, bias);
  const rows = x.shape[0];
  const step = Math.max(1, Math.floor(mostScores / centers.shape[0]));
  if (rows <= step) return searchAtOnce(context, x, centers, bias);
  return context.scope(() => {
    const parts: NearestRows[] = [];
    for (let start = 0; start < rows; start += step) {
      const some = slice(context, x, 0, start, Math.min(rows, start + step));
      parts.push(searchAtOnce(context, some, centers, bias));
    }
    const joined = (name: keyof NearestRows): Tensor =>
      concatenate(
        context,
        parts.map((part) => part[name]),
        0,
      );
    return { index: joined("index"), best: joined("best"), second: joined("second") };
  });
}

function searchAtOnce(context: Context, x: Tensor, centers: Tensor, bias: Tensor): NearestRows {
  const rows = x.shape[0];
  const products = matmul(context, x, centers, false, true);
  const [index, best, second] = [indexKernel, bestKernel, secondKernel].map((each) =>
    context.launch(each, [rows], [rows], [products, bias], [centers.shape[0], NO_SCORE]),
  );
  products.dispose();
  return { index, best, second };
}
