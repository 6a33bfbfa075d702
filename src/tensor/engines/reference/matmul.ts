/** The matrix product: y[g, m, n] = Σ_k a[g, m, k] · b[g, k, n]. A transposed operand is a view with two strides exchanged. */
import type { FloatArray } from "../../engine.js";
import { viewOf, type Values, type View } from "./values.js";

export function matmul(a: Values, b: Values, transposeA: boolean, transposeB: boolean, out: FloatArray): void {
  const left = batched(a, transposeA); // [G, M, K]
  const right = batched(b, transposeB); // [G, K, N]
  const [groups, rows, inner] = left.shape;
  const columns = right.shape[2];
  const sums = new Float64Array(columns); // one row of the result, in double precision
  for (let g = 0; g < groups; g++) {
    for (let m = 0; m < rows; m++) {
      sums.fill(0);
      for (let k = 0; k < inner; k++) {
        const factor = left.data[left.index(g, m, k)];
        const start = right.index(g, k, 0);
        const step = right.stride[2];
        for (let n = 0; n < columns; n++) sums[n] += factor * right.data[start + n * step];
      }
      out.set(sums, (g * rows + m) * columns);
    }
  }
}

/** A matrix as a batch of one. */
function batched({ data, shape }: Values, transpose: boolean): View {
  const view = viewOf({ data, shape: shape.length === 2 ? [1, ...shape] : shape });
  return transpose ? view.transpose(0, 2, 1) : view;
}
