/**
 * Best and second best score of every row: a matrix product, then one cell a row that walks along its scores.
 *
 * The scores of a call are stored, so a caller bounds the memory by the number of rows (4·N·K bytes).
 */
import { checkNearestRows, NO_SCORE, type NearestRows } from "../../nearestRows.js";
import type { Tensor } from "../../tensor.js";
import type { Context } from "./context.js";
import { kernel, type Thread } from "./kernel.js";
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

/** x: [N, M], centers: [K, M], bias: [K] → [N] each */
export function nearestRows(context: Context, x: Tensor, centers: Tensor, bias: Tensor): NearestRows {
  checkNearestRows(x, centers, bias);
  const rows = x.shape[0];
  const products = matmul(context, x, centers, false, true);
  const [index, best, second] = [indexKernel, bestKernel, secondKernel].map((each) =>
    context.launch(each, [rows], [rows], [products, bias], [centers.shape[0], NO_SCORE]),
  );
  products.dispose();
  return { index, best, second };
}
