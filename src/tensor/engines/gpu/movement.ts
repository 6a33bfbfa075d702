/** Operations that move elements: broadcasting, permutation, slices, rows by number. */
import { collapse } from "../../layout.js";
import { broadcastStrides, formatShape, sizeOf, stridesOf, type Shape } from "../../shape.js";
import type { Tensor } from "../../tensor.js";
import { withIndex, type Context } from "./context.js";
import { WITH_INTEGER, WITH_QUOTIENT, integer, quotient, remainder } from "./integers.js";
import { kernel, type Thread } from "./kernel.js";

/** Axes of a walk that `walkKernel` follows. */
const MOST_AXES = 6;

/** The element that lies so many strides from `first`, for up to three axes. */
const stepKernel = kernel(
  "step",
  { arrays: 1, integers: 4 },
  function (this: Thread, x: number[], first: number, right: number, down: number, deep: number) {
    return x[first + this.thread.x * right + this.thread.y * down + this.thread.z * deep];
  },
);

/** The same for six axes: the place along each is worked out from the number of the cell. n: extents, s: strides, from the last axis on. */
const walkKernel = kernel(
  "walk",
  { arrays: 1, integers: 12, helpers: WITH_QUOTIENT },
  function (
    this: Thread,
    x: number[],
    first: number,
    n0: number,
    n1: number,
    n2: number,
    n3: number,
    n4: number,
    s0: number,
    s1: number,
    s2: number,
    s3: number,
    s4: number,
    s5: number,
  ) {
    return x[
      first +
        remainder(this.thread.x, n0) * s0 +
        remainder(quotient(this.thread.x, n0), n1) * s1 +
        remainder(quotient(this.thread.x, n0 * n1), n2) * s2 +
        remainder(quotient(this.thread.x, n0 * n1 * n2), n3) * s3 +
        remainder(quotient(this.thread.x, n0 * n1 * n2 * n3), n4) * s4 +
        quotient(this.thread.x, n0 * n1 * n2 * n3 * n4) * s5
    ];
  },
);

/** Two matrices side by side: row y of the one, then row y of the other. */
const joinKernel = kernel(
  "join",
  { arrays: 2, integers: 2 },
  function (this: Thread, a: number[], b: number[], aColumns: number, bColumns: number) {
    if (this.thread.x < aColumns) return a[this.thread.y * aColumns + this.thread.x];
    return b[this.thread.y * bColumns + this.thread.x - aColumns];
  },
);

const gatherRowsKernel = kernel(
  "gatherRows",
  { arrays: 2, integers: 1, helpers: WITH_INTEGER },
  function (this: Thread, x: number[], index: number[], columns: number) {
    return x[integer(index[this.thread.y]) * columns + this.thread.x];
  },
);

/** Without writing to a place of its choice, a cell sums what belongs to it: values number order[start], …, order[end − 1]. */
const scatterAddRowsKernel = kernel(
  "scatterAddRows",
  { arrays: 3, integers: 1, helpers: WITH_INTEGER },
  function (this: Thread, values: number[], order: number[], starts: number[], columns: number) {
    const count = starts[this.thread.y + 1] - starts[this.thread.y];
    let sum = 0;
    for (let i = 0; i < count; i++) {
      sum += values[integer(order[integer(starts[this.thread.y]) + i]) * columns + this.thread.x];
    }
    return sum;
  },
);

const pickKernel = kernel(
  "pick",
  { arrays: 2, integers: 1, helpers: WITH_INTEGER },
  function (this: Thread, x: number[], column: number[], columns: number) {
    if (column[this.thread.x] < 0) return 0;
    return x[this.thread.x * columns + integer(column[this.thread.x])];
  },
);

const placeKernel = kernel(
  "place",
  { arrays: 2, helpers: WITH_INTEGER },
  function (this: Thread, values: number[], column: number[]) {
    if (integer(column[this.thread.y]) === this.thread.x) return values[this.thread.y];
    return 0;
  },
);

export function broadcastTo(context: Context, x: Tensor, shape: Shape): Tensor {
  return strided(context, x, shape, broadcastStrides(x.shape, shape), 0);
}

/** Axis i of the result is axis permutation[i] of x. */
export function permute(context: Context, x: Tensor, permutation: readonly number[]): Tensor {
  const strides = stridesOf(x.shape);
  const shape = permutation.map((axis) => x.shape[axis]);
  return strided(
    context,
    x,
    shape,
    permutation.map((axis) => strides[axis]),
    0,
  );
}

export function slice(context: Context, x: Tensor, axis: number, start: number, end: number): Tensor {
  const strides = stridesOf(x.shape);
  const shape = x.shape.map((extent, i) => (i === axis ? end - start : extent));
  return strided(context, x, shape, strides, start * strides[axis]);
}

/** A tensor of this shape whose axes walk over x with these strides, from its element `first`. */
function strided(context: Context, x: Tensor, shape: Shape, strides: readonly number[], first: number): Tensor {
  const { extents, strides: joined } = collapse(shape, [strides]);
  const counts = extents.toReversed(); // the axis that runs fastest comes first
  const steps = joined[0].toReversed();
  if (counts.length <= 3) {
    const [right, down = 0, deep = 0] = steps;
    const [width, height, depth] = counts;
    return context.launch(stepKernel, shape, [width, height, depth], [x], [first, right, down, deep]);
  }
  if (counts.length > MOST_AXES) {
    throw new Error(
      `gpu: at most ${MOST_AXES} axes can be walked through, after neighbours were joined; ` +
        `${formatShape(shape)} from ${formatShape(x.shape)} has ${counts.length}.`,
    );
  }
  const filled = (values: readonly number[], length: number, value: number): number[] =>
    Array.from({ length }, (_, i) => values[i] ?? value);
  const table = [first, ...filled(counts, MOST_AXES - 1, 1), ...filled(steps, MOST_AXES, 0)];
  return context.launch(walkKernel, shape, [sizeOf(shape)], [x], table);
}

/** Two at a time: halves of halves, so that an element is copied log(parts) times. */
export function concatenate(context: Context, parts: readonly Tensor[], axis: number): Tensor {
  if (parts.length === 1) return slice(context, parts[0], axis, 0, parts[0].shape[axis]);
  if (parts.length > 2) {
    const half = Math.ceil(parts.length / 2);
    return context.scope(() =>
      concatenate(
        context,
        [concatenate(context, parts.slice(0, half), axis), concatenate(context, parts.slice(half), axis)],
        axis,
      ),
    );
  }
  const [a, b] = parts;
  const shape = a.shape.map((extent, i) => (i === axis ? extent + b.shape[axis] : extent));
  const [aColumns, bColumns] = [a, b].map((part) => sizeOf(part.shape.slice(axis)));
  const rows = sizeOf(shape.slice(0, axis));
  return context.launch(joinKernel, shape, [aColumns + bColumns, rows], [a, b], [aColumns, bColumns]);
}

export function gatherRows(context: Context, x: Tensor, index: Int32Array): Tensor {
  const columns = x.shape[1];
  return withIndex(context, index, (numbers) =>
    context.launch(gatherRowsKernel, [index.length, columns], [columns, index.length], [x, numbers], [columns]),
  );
}

export function scatterAddRows(context: Context, values: Tensor, index: Int32Array, rows: number): Tensor {
  const columns = values.shape[1];
  const { order, starts } = groupByRow(index, rows);
  return withIndex(context, order, (positions) =>
    withIndex(context, starts, (firsts) =>
      context.launch(scatterAddRowsKernel, [rows, columns], [columns, rows], [values, positions, firsts], [columns]),
    ),
  );
}

/** Positions in `index` row by row, ascending within each; those of a row stand from starts[row] to starts[row + 1] − 1. */
function groupByRow(index: Int32Array, rows: number): { readonly order: Int32Array; readonly starts: Int32Array } {
  const starts = new Int32Array(rows + 1);
  for (const row of index) starts[row + 1]++;
  for (let row = 0; row < rows; row++) starts[row + 1] += starts[row];
  const next = starts.slice();
  const order = new Int32Array(index.length);
  for (const [position, row] of index.entries()) order[next[row]++] = position;
  return { order, starts };
}

export function pick(context: Context, x: Tensor, column: Int32Array): Tensor {
  const [rows, columns] = x.shape;
  return withIndex(context, column, (numbers) => context.launch(pickKernel, [rows], [rows], [x, numbers], [columns]));
}

export function place(context: Context, values: Tensor, column: Int32Array, columns: number): Tensor {
  const grid = [columns, values.size] as const;
  return withIndex(context, column, (numbers) =>
    context.launch(placeKernel, [values.size, columns], grid, [values, numbers]),
  );
}
