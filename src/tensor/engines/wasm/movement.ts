/** Operations that move elements: broadcasting, permutation, slices, rows. */
import { broadcastStrides, formatShape, sizeOf, stridesOf, type Shape } from "../../shape.js";
import type { Tensor } from "../../tensor.js";
import { full } from "./elementwise.js";
import { blocksOf, pointerOf, withTable, type Context } from "./context.js";
import { collapse, outerAxes } from "../../layout.js";

export function broadcastTo(context: Context, x: Tensor, shape: Shape): Tensor {
  return strided(context, "broadcastTo", x, shape, broadcastStrides(x.shape, shape));
}

/** Axis i of the result is axis permutation[i] of x. */
export function permute(context: Context, x: Tensor, permutation: readonly number[]): Tensor {
  const strides = stridesOf(x.shape);
  return strided(
    context,
    "permute",
    x,
    permutation.map((axis) => x.shape[axis]),
    permutation.map((axis) => strides[axis]),
  );
}

/** A tensor of this shape whose axes walk over x with these strides. */
function strided(context: Context, name: string, x: Tensor, shape: Shape, strides: readonly number[]): Tensor {
  const from = pointerOf(context, x, name);
  const y = context.make(shape);
  const to = pointerOf(context, y, name);
  if (y.size === 0) return y;
  const layout = collapse(shape, [strides]);
  const { extents } = layout;
  const [steps] = layout.strides;
  const rank = extents.length;
  const inner = extents[rank - 1];
  const step = steps[rank - 1];
  if (rank === 1 && step === 1) {
    context.run("copy", blocksOf(y.size), [from, to, y.size], y.size);
  } else if (isTranspose(extents, steps)) {
    const [m, n] = extents.slice(-2); // [G, N, M] → [G, M, N]
    const batches = y.size / (m * n);
    context.run("transpose", batches * Math.ceil(m / 16), [from, to, n, m], y.size);
  } else {
    withTable(context, outerAxes(layout), (axes) => {
      context.run("copyStrided", y.size / inner, [from, to, inner, step, axes, rank - 1], y.size * 2);
    });
  }
  return y;
}

/** Whether the last two axes, and only they, are exchanged. */
function isTranspose(extents: readonly number[], steps: readonly number[]): boolean {
  const rank = extents.length;
  if (rank < 2 || rank > 3) return false;
  const [m, n] = extents.slice(-2);
  const [rowStep, columnStep] = steps.slice(-2);
  return rowStep === 1 && columnStep === m && (rank === 2 || steps[0] === m * n);
}

export function slice(context: Context, x: Tensor, axis: number, start: number, end: number): Tensor {
  const from = pointerOf(context, x, "slice");
  const inner = sizeOf(x.shape.slice(axis + 1));
  const outer = sizeOf(x.shape.slice(0, axis));
  const y = context.make([...x.shape.slice(0, axis), end - start, ...x.shape.slice(axis + 1)]);
  const run = (end - start) * inner;
  copyRuns(context, from + start * inner * 4, x.shape[axis] * inner, pointerOf(context, y, "slice"), run, outer, run);
  return y;
}

export function concatenate(context: Context, parts: readonly Tensor[], axis: number): Tensor {
  const [first] = parts;
  const inner = sizeOf(first.shape.slice(axis + 1));
  const outer = sizeOf(first.shape.slice(0, axis));
  const extent = parts.reduce((sum, part) => sum + part.shape[axis], 0);
  const pointers = parts.map((part) => pointerOf(context, part, "concatenate"));
  const y = context.make([...first.shape.slice(0, axis), extent, ...first.shape.slice(axis + 1)]);
  let to = pointerOf(context, y, "concatenate");
  for (const [position, part] of parts.entries()) {
    const run = part.shape[axis] * inner;
    copyRuns(context, pointers[position], run, to, extent * inner, outer, run);
    to += run * 4;
  }
  return y;
}

/** `runs` pieces of `count` elements. */
function copyRuns(
  context: Context,
  from: number,
  fromStep: number,
  to: number,
  toStep: number,
  runs: number,
  count: number,
): void {
  if (count === 0) return;
  if (runs === 1) context.run("copy", blocksOf(count), [from, to, count], count);
  else context.run("copyRuns", runs, [from, fromStep, to, toStep, count], runs * count);
}

/** x: [R, M] → [N, M] */
export function gatherRows(context: Context, x: Tensor, index: Int32Array): Tensor {
  const from = pointerOf(context, x, "gatherRows");
  assertRows("gatherRows", index, x.shape[0], x.shape);
  const y = context.make([index.length, x.shape[1]]);
  withTable(context, index, (table) => {
    context.run("gatherRows", index.length, [from, table, pointerOf(context, y, "gatherRows"), x.shape[1]], y.size);
  });
  return y;
}

/** values: [N, M] → [rows, M]. The positions are sorted by row first, so that every row of the result is one thread's. */
export function scatterAddRows(context: Context, values: Tensor, index: Int32Array, rows: number): Tensor {
  const from = pointerOf(context, values, "scatterAddRows");
  assertRows("scatterAddRows", index, rows, values.shape);
  const columns = values.shape[1];
  const starts = new Int32Array(rows + 1);
  for (const row of index) starts[row + 1]++;
  for (let row = 0; row < rows; row++) starts[row + 1] += starts[row];
  const next = starts.slice();
  const positions = new Int32Array(index.length);
  for (const [position, row] of index.entries()) positions[next[row]++] = position;
  const y = context.make([rows, columns]);
  withTable(context, starts, (first) => {
    withTable(context, positions, (sorted) => {
      const args = [from, first, sorted, pointerOf(context, y, "scatterAddRows"), columns];
      context.run("scatterAddRows", rows, args, y.size + values.size);
    });
  });
  return y;
}

/** A wrong row number would read other tensors: checked here, once more. */
function assertRows(name: string, index: Int32Array, rows: number, shape: Shape): void {
  for (const row of index) {
    if (row < 0 || row >= rows) {
      throw new Error(`${name}: row ${row} is outside the ${rows} rows; the tensor is ${formatShape(shape)}.`);
    }
  }
}

/** x: [N, M] → [N]: one element a row, so few that they are fetched from here. */
export function pick(context: Context, x: Tensor, column: Int32Array): Tensor {
  const from = pointerOf(context, x, "pick") / 4;
  const y = context.make([column.length]);
  const to = pointerOf(context, y, "pick") / 4;
  const { floats } = context.heap;
  for (let row = 0; row < column.length; row++) {
    floats[to + row] = column[row] < 0 ? 0 : floats[from + row * x.shape[1] + column[row]];
  }
  return y;
}

/** values: [N] → [N, columns] */
export function place(context: Context, values: Tensor, column: Int32Array, columns: number): Tensor {
  const from = pointerOf(context, values, "place") / 4;
  const y = full(context, [column.length, columns], 0);
  const to = pointerOf(context, y, "place") / 4;
  const { floats } = context.heap;
  for (let row = 0; row < column.length; row++) {
    if (column[row] >= 0) floats[to + row * columns + column[row]] = floats[from + row];
  }
  return y;
}
