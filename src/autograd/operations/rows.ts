/** Operations on rows: softmax and normalisation over the last axis, and reading, adding or picking by row or column number. */
import { formatShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { operation, type Sample } from "../operation.js";
import type { Variable } from "../variable.js";
import { asRows } from "./asRows.js";
import { checkColumns, checkRows, sameNumber } from "./checkIndex.js";
import { logSoftmaxOf } from "./logSoftmaxOf.js";

function checkLastAxis(name: string): (inputs: readonly [Tensor]) => void {
  return ([x]) => {
    if (x.rank === 0 || x.shape[x.rank - 1] === 0) {
      throw new Error(`${name}: works along the last axis, which must have elements; given ${formatShape(x.shape)}.`);
    }
  };
}

const lastAxisSamples: Sample<undefined>[] = [[3, 5], [4, 1], [1, 7], [6], [2, 3, 4]].map((shape) => ({
  inputs: [{ shape }],
  options: undefined,
}));

// ── softmax ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export const softmaxOperation = operation<[Tensor]>({
  name: "softmax",
  signature: "[…, M] → […, M]",
  check: checkLastAxis("softmax"),
  forward: (engine, [x]) => ({ y: engine.softmaxRows(asRows(x)).reshape(x.shape) }),
  // dx = y · (dy − ⟨dy, y⟩): raising all x of a row by the same amount changes nothing, so the mean of dy under y drops out
  backward(dy, { engine, y }) {
    const mean = engine.reduce("sum", engine.binary("multiply", dy, y), [y.rank - 1], true); // […, 1]
    return [engine.binary("multiply", y, engine.binary("subtract", dy, mean))];
  },
  samples: lastAxisSamples,
});

/** e^x / Σ e^x over the last axis */
export function softmax(x: Variable): Variable {
  return softmaxOperation([x], undefined);
}

export const logSoftmaxOperation = operation<[Tensor]>({
  name: "logSoftmax",
  signature: "[…, M] → […, M]",
  check: checkLastAxis("logSoftmax"),
  forward: (engine, [x]) => ({ y: logSoftmaxOf(engine, x) }),
  // dx = dy − softmax(x) · Σ dy, and softmax(x) = e^y
  backward(dy, { engine, y }) {
    const total = engine.reduce("sum", dy, [y.rank - 1], true); // […, 1]
    return [engine.binary("subtract", dy, engine.binary("multiply", engine.unary("exp", y), total))];
  },
  samples: lastAxisSamples,
});

/** log(softmax(x)) over the last axis, without overflow */
export function logSoftmax(x: Variable): Variable {
  return logSoftmaxOperation([x], undefined);
}

// ── unit rows ───────────────────────────────────────────────────────────────────────────────────────────────────────

export const normalizeRowsOperation = operation<[Tensor], { readonly epsilon: number }, { readonly norm: Tensor }>({
  name: "normalizeRows",
  signature: "[…, M] → […, M]",
  check: checkLastAxis("normalizeRows"),
  forward(engine, [x], { epsilon }) {
    const { y, norm } = engine.normalizeRows(asRows(x), epsilon); // norm: [N]
    return { y: y.reshape(x.shape), saved: { norm } };
  },
  // dx = (dy − y · ⟨y, dy⟩) / ‖x‖: the part of dy along y cannot change a unit vector
  backward(dy, { engine, y, saved: { norm }, options: { epsilon } }) {
    return [engine.normalizeRowsGradient(asRows(dy), asRows(y), norm, epsilon).reshape(y.shape)];
  },
  samples: [
    { inputs: [{ shape: [3, 5] }], options: { epsilon: 1e-12 } },
    { inputs: [{ shape: [2, 3, 4] }], options: { epsilon: 1e-12 } },
    { inputs: [{ shape: [1, 17] }], options: { epsilon: 1e-12 } },
    { inputs: [{ shape: [2, 3] }], options: { epsilon: 100 } }, // every norm is under the floor
  ],
  kinks: "‖x‖ = epsilon: the gradient above it",
});

/** x / max(‖x‖, epsilon) over the last axis; epsilon as in PyTorch's `normalize` */
export function normalizeRows(x: Variable, epsilon = 1e-12): Variable {
  return normalizeRowsOperation([x], { epsilon });
}

// ── rows by number ──────────────────────────────────────────────────────────────────────────────────────────────────

interface GatherOptions {
  readonly index: Int32Array;
}

function checkMatrix(name: string, x: Tensor): void {
  if (x.rank !== 2) throw new Error(`${name}: works on the rows of a matrix; given ${formatShape(x.shape)}.`);
}

export const gatherRowsOperation = operation<[Tensor], GatherOptions>({
  name: "gatherRows",
  signature: "[R, M] → [N, M]",
  check([x], { index }) {
    checkMatrix("gatherRows", x);
    checkRows("gatherRows", index, x.shape[0]);
  },
  forward: (engine, [x], { index }) => ({ y: engine.gatherRows(x, index) }),
  // a row that was read several times gets the sum of what its copies get
  backward: (dy, { engine, inputs: [x], options: { index } }) => [engine.scatterAddRows(dy, index, x.shape[0])],
  samples: [
    { inputs: [{ shape: [5, 3] }], options: { index: Int32Array.of(4, 0, 4, 2) } },
    { inputs: [{ shape: [1, 7] }], options: { index: Int32Array.of(0, 0, 0) } },
    { inputs: [{ shape: [4, 1] }], options: { index: Int32Array.of(3) } },
  ],
  linearIn: [0],
});

/** The rows of x with these numbers, in this order, repeats allowed. x: [R, M], index: N → [N, M] */
export function gatherRows(x: Variable, index: Int32Array): Variable {
  return gatherRowsOperation([x], { index });
}

interface ScatterOptions extends GatherOptions {
  readonly rows: number;
}

export const scatterAddRowsOperation = operation<[Tensor], ScatterOptions>({
  name: "scatterAddRows",
  signature: "[N, M] → [R, M]",
  check([values], { index, rows }) {
    checkMatrix("scatterAddRows", values);
    sameNumber("scatterAddRows", index, values.shape[0]);
    checkRows("scatterAddRows", index, rows);
  },
  forward: (engine, [values], { index, rows }) => ({ y: engine.scatterAddRows(values, index, rows) }),
  backward: (dy, { engine, options: { index } }) => [engine.gatherRows(dy, index)],
  samples: [
    { inputs: [{ shape: [4, 3] }], options: { index: Int32Array.of(1, 5, 1, 0), rows: 6 } },
    { inputs: [{ shape: [3, 1] }], options: { index: Int32Array.of(0, 0, 0), rows: 1 } },
  ],
  linearIn: [0],
});

/** Zeros [rows, M] to which row i of `values` is added at row index[i]. values: [N, M] */
export function scatterAddRows(values: Variable, index: Int32Array, rows: number): Variable {
  return scatterAddRowsOperation([values], { index, rows });
}

// ── one element a row ───────────────────────────────────────────────────────────────────────────────────────────────

export const pickOperation = operation<[Tensor], { readonly column: Int32Array }>({
  name: "pick",
  signature: "[N, M] → [N]",
  check([x], { column }) {
    checkMatrix("pick", x);
    sameNumber("pick", column, x.shape[0]);
    checkColumns("pick", column, x.shape[1]);
  },
  forward: (engine, [x], { column }) => ({ y: engine.pick(x, column) }),
  backward: (dy, { engine, inputs: [x], options: { column } }) => [engine.place(dy, column, x.shape[1])],
  samples: [
    { inputs: [{ shape: [4, 5] }], options: { column: Int32Array.of(4, 0, -1, 0) } },
    { inputs: [{ shape: [1, 1] }], options: { column: Int32Array.of(0) } },
    { inputs: [{ shape: [3, 1] }], options: { column: Int32Array.of(-1, 0, 0) } },
  ],
  linearIn: [0],
});

/** x[i, column[i]] of every row i, or 0 where the column is −1. x: [N, M] → [N] */
export function pick(x: Variable, column: Int32Array): Variable {
  return pickOperation([x], { column });
}

export const placeOperation = operation<[Tensor], { readonly column: Int32Array; readonly columns: number }>({
  name: "place",
  signature: "[N] → [N, M]",
  check([values], { column, columns }) {
    if (values.rank !== 1) {
      throw new Error(`place: takes one value a row, a vector; given ${formatShape(values.shape)}.`);
    }
    sameNumber("place", column, values.shape[0]);
    checkColumns("place", column, columns);
  },
  forward: (engine, [values], { column, columns }) => ({ y: engine.place(values, column, columns) }),
  backward: (dy, { engine, options: { column } }) => [engine.pick(dy, column)],
  samples: [
    { inputs: [{ shape: [4] }], options: { column: Int32Array.of(2, 0, -1, 2), columns: 3 } },
    { inputs: [{ shape: [1] }], options: { column: Int32Array.of(0), columns: 1 } },
  ],
  linearIn: [0],
});

/** Zeros [N, columns] with values[i] at column[i] of row i; rows whose column is −1 stay zero. values: [N] */
export function place(values: Variable, column: Int32Array, columns: number): Variable {
  return placeOperation([values], { column, columns });
}
