/** The matrix product, [G, M, K] · [G, K, N]: a transposed operand is one whose strides are exchanged. */
import type { Tensor } from "../../tensor.js";
import type { Context } from "./context.js";
import { kernel, type Thread } from "./kernel.js";
import type { ProductSize } from "./workgroupProduct.js";

/** One element a cell. Strides: how far the next row, the next term and the next matrix lie. */
const productKernel = kernel(
  "matmul",
  { arrays: 2, integers: 7 },
  function (
    this: Thread,
    a: number[],
    b: number[],
    terms: number,
    aRow: number,
    aTerm: number,
    aMatrix: number,
    bTerm: number,
    bColumn: number,
    bMatrix: number,
  ) {
    let sum = 0;
    for (let k = 0; k < terms; k++) {
      sum +=
        a[this.thread.z * aMatrix + this.thread.y * aRow + k * aTerm] *
        b[this.thread.z * bMatrix + k * bTerm + this.thread.x * bColumn];
    }
    return sum;
  },
);

/** Four neighbours of a row a cell: an element of a is loaded once for four of b. */
const fourProductsKernel = kernel(
  "matmul, fours",
  { arrays: 2, integers: 7, fours: true },
  function (
    this: Thread,
    a: number[],
    b: number[],
    terms: number,
    aRow: number,
    aTerm: number,
    aMatrix: number,
    bTerm: number,
    bColumn: number,
    bMatrix: number,
  ) {
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let k = 0; k < terms; k++) {
      const factor = a[this.thread.z * aMatrix + this.thread.y * aRow + k * aTerm];
      sum0 += factor * b[this.thread.z * bMatrix + k * bTerm + this.thread.x * 4 * bColumn];
      sum1 += factor * b[this.thread.z * bMatrix + k * bTerm + (this.thread.x * 4 + 1) * bColumn];
      sum2 += factor * b[this.thread.z * bMatrix + k * bTerm + (this.thread.x * 4 + 2) * bColumn];
      sum3 += factor * b[this.thread.z * bMatrix + k * bTerm + (this.thread.x * 4 + 3) * bColumn];
    }
    return [sum0, sum1, sum2, sum3];
  },
);

export function matmul(context: Context, a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  const [aRows, aColumns] = a.shape.slice(-2);
  const [bRows, bColumns] = b.shape.slice(-2);
  const [rows, terms] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const columns = transposeB ? bRows : bColumns;
  const batch = a.shape.slice(0, -2);
  const shape = [...batch, rows, columns];
  const size: ProductSize = {
    batch: batch[0] ?? 1,
    rows,
    columns,
    terms,
    a: [...(transposeA ? ([1, aColumns] as const) : ([aColumns, 1] as const)), aRows * aColumns],
    b: [...(transposeB ? ([1, bColumns] as const) : ([bColumns, 1] as const)), bRows * bColumns],
  };
  if (context.product) return context.product(shape, a, b, size);
  const fours = context.fours && columns % 4 === 0;
  const grid = [fours ? columns / 4 : columns, rows, size.batch] as const;
  const scalars = [terms, ...size.a, ...size.b];
  return context.launch(fours ? fourProductsKernel : productKernel, shape, grid, [a, b], scalars);
}
