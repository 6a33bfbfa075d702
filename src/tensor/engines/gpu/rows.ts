/** Operations on the rows of a matrix [N, M]: softmax, and rows scaled to length 1. */
import type { Tensor } from "../../tensor.js";
import type { Context } from "./context.js";
import { FUNCTIONS, exponential } from "./functions.js";
import { kernel, type Thread } from "./kernel.js";
import { reduce } from "./reductions.js";

/** e^(x − largest of the row) */
const shiftedExpKernel = kernel(
  "softmaxRows, exponentials",
  { arrays: 2, integers: 1, helpers: FUNCTIONS },
  function (this: Thread, x: number[], largest: number[], columns: number) {
    return exponential(x[this.thread.y * columns + this.thread.x] - largest[this.thread.y]);
  },
);

const shareKernel = kernel(
  "softmaxRows, shares",
  { arrays: 2, integers: 1 },
  function (this: Thread, x: number[], sum: number[], columns: number) {
    return x[this.thread.y * columns + this.thread.x] / sum[this.thread.y];
  },
);

const normKernel = kernel(
  "normalizeRows, norms",
  { arrays: 1, integers: 1 },
  function (this: Thread, x: number[], columns: number) {
    let squares = 0;
    for (let j = 0; j < columns; j++) {
      squares += x[this.thread.x * columns + j] * x[this.thread.x * columns + j];
    }
    return Math.sqrt(squares);
  },
);

const normalizeKernel = kernel(
  "normalizeRows",
  { arrays: 2, integers: 1, numbers: 1 },
  function (this: Thread, x: number[], norm: number[], columns: number, epsilon: number) {
    if (norm[this.thread.y] < epsilon) return x[this.thread.y * columns + this.thread.x] / epsilon;
    return x[this.thread.y * columns + this.thread.x] / norm[this.thread.y];
  },
);

/** ⟨a, b⟩ of every row */
const dotKernel = kernel(
  "normalizeRowsGradient, dots",
  { arrays: 2, integers: 1 },
  function (this: Thread, a: number[], b: number[], columns: number) {
    let sum = 0;
    for (let j = 0; j < columns; j++) {
      sum += a[this.thread.x * columns + j] * b[this.thread.x * columns + j];
    }
    return sum;
  },
);

/** (dy − y · along) / norm; dy / epsilon where the norm is under epsilon, for there y = x / epsilon */
const normalizeGradientKernel = kernel(
  "normalizeRowsGradient",
  { arrays: 4, integers: 1, numbers: 1 },
  function (
    this: Thread,
    dy: number[],
    y: number[],
    norm: number[],
    along: number[],
    columns: number,
    epsilon: number,
  ) {
    if (norm[this.thread.y] < epsilon) return dy[this.thread.y * columns + this.thread.x] / epsilon;
    return (
      (dy[this.thread.y * columns + this.thread.x] -
        y[this.thread.y * columns + this.thread.x] * along[this.thread.y]) /
      norm[this.thread.y]
    );
  },
);

/** e^(x − max) / Σ e^(x − max) */
export function softmaxRows(context: Context, x: Tensor): Tensor {
  const [rows, columns] = x.shape;
  const grid = [columns, rows] as const;
  return context.scope(() => {
    const largest = reduce(context, "maximum", x, [1], false);
    const exponentials = context.launch(shiftedExpKernel, x.shape, grid, [x, largest], [columns]);
    const sum = reduce(context, "sum", exponentials, [1], false);
    return context.launch(shareKernel, x.shape, grid, [exponentials, sum], [columns]);
  });
}

export function normalizeRows(context: Context, x: Tensor, epsilon: number): { y: Tensor; norm: Tensor } {
  const [rows, columns] = x.shape;
  const norm = context.launch(normKernel, [rows], [rows], [x], [columns]);
  const y = context.launch(normalizeKernel, x.shape, [columns, rows], [x, norm], [columns, epsilon]);
  return { y, norm };
}

export function normalizeRowsGradient(context: Context, dy: Tensor, y: Tensor, norm: Tensor, epsilon: number): Tensor {
  const [rows, columns] = y.shape;
  return context.scope(() => {
    const along = context.launch(dotKernel, [rows], [rows], [dy, y], [columns]);
    const grid = [columns, rows] as const;
    return context.launch(normalizeGradientKernel, y.shape, grid, [dy, y, norm, along], [columns, epsilon]);
  });
}
