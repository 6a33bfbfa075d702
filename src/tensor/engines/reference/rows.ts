/** Kernels that treat a matrix [N, M] as N rows: softmax, normalisation, and reading or adding rows by number. */
import type { FloatArray } from "../../engine.js";

/** e^(x − max) / Σ e^(x − max): the shift cancels and keeps the exponentials at most 1. */
export function softmaxRows(x: FloatArray, columns: number, out: FloatArray): void {
  const exponentials = new Float64Array(columns);
  for (let start = 0; start < x.length; start += columns) {
    let largest = -Infinity;
    for (let j = 0; j < columns; j++) largest = Math.max(largest, x[start + j]);
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += exponentials[j] = Math.exp(x[start + j] - largest);
    for (let j = 0; j < columns; j++) out[start + j] = exponentials[j] / sum;
  }
}

export function normalizeRows(x: FloatArray, epsilon: number, y: FloatArray, norm: FloatArray): void {
  const columns = x.length / norm.length;
  for (let row = 0; row < norm.length; row++) {
    const start = row * columns;
    let squares = 0;
    for (let j = 0; j < columns; j++) squares += x[start + j] ** 2;
    const length = Math.sqrt(squares);
    norm[row] = length;
    for (let j = 0; j < columns; j++) y[start + j] = x[start + j] / Math.max(length, epsilon);
  }
}

export function normalizeRowsGradient(
  dy: FloatArray,
  y: FloatArray,
  norm: FloatArray,
  epsilon: number,
  dx: FloatArray,
): void {
  const columns = y.length / norm.length;
  for (let row = 0; row < norm.length; row++) {
    const start = row * columns;
    const floored = norm[row] < epsilon; // there y = x / epsilon, a constant factor
    let along = 0;
    if (!floored) for (let j = 0; j < columns; j++) along += y[start + j] * dy[start + j];
    const divisor = floored ? epsilon : norm[row];
    for (let j = 0; j < columns; j++) dx[start + j] = (dy[start + j] - y[start + j] * along) / divisor;
  }
}

export function gatherRows(x: FloatArray, columns: number, index: Int32Array, out: FloatArray): void {
  for (let i = 0; i < index.length; i++) {
    out.set(x.subarray(index[i] * columns, (index[i] + 1) * columns), i * columns);
  }
}

/** `sums` holds zeros. */
export function scatterAddRows(values: FloatArray, columns: number, index: Int32Array, sums: Float64Array): void {
  for (let i = 0; i < index.length; i++) {
    for (let j = 0; j < columns; j++) sums[index[i] * columns + j] += values[i * columns + j];
  }
}

export function pick(x: FloatArray, columns: number, column: Int32Array, out: FloatArray): void {
  for (let row = 0; row < column.length; row++) out[row] = column[row] < 0 ? 0 : x[row * columns + column[row]];
}

/** `out` holds zeros. */
export function place(values: FloatArray, column: Int32Array, columns: number, out: FloatArray): void {
  for (let row = 0; row < column.length; row++) if (column[row] >= 0) out[row * columns + column[row]] = values[row];
}
