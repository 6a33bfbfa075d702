/** Lengths and distances of rows on the host, in float64: what k-means reports, and what it is certain of. */

/** ‖x − c‖² of two rows that begin at those places. */
export function squaredDistance(
  x: Float32Array,
  xStart: number,
  c: Float32Array,
  cStart: number,
  columns: number,
): number {
  let [even, odd] = [0, 0]; // two sums, so that an addition need not wait for the one before it
  let k = 0;
  for (; k + 1 < columns; k += 2) {
    const first = x[xStart + k] - c[cStart + k];
    const second = x[xStart + k + 1] - c[cStart + k + 1];
    even += first * first;
    odd += second * second;
  }
  if (k < columns) even += (x[xStart + k] - c[cStart + k]) ** 2;
  return even + odd;
}

/** ‖x‖² of the row that begins at that place. */
export function squaredLength(x: ArrayLike<number>, start: number, columns: number): number {
  let sum = 0;
  for (let k = 0; k < columns; k++) sum += x[start + k] * x[start + k];
  return sum;
}
