/**
 * Matrix product C = A · B of row-major matrices, in blocks (Goto and van de Geijn, 2008).
 *
 * An item is a block of `rowBlock` by `columnBlock` of C. For every `depthBlock` of k it packs its piece of B into panels of
 * 8 columns (private, in L2) and runs the register tile over rows of A and panels. A is read where it lies: the tile
 * follows 4 rows at once, so that A needs no packing unless it is stored transposed.
 */
import { multiplyPanels, packColumns, packTransposedColumns, PRODUCT_SCRATCH } from "./panels";
import { transposeBlock } from "./transpose";

/** Rows of A that one item of `packTransposed` writes. */
const PACK_ROWS: i32 = 32;

/**
 * Brings A, stored transposed as [K, M], into blocks of rows: target[k block][m][k in block].
 * Items: matrices × blocks of k × blocks of 32 rows.
 */
export function packTransposed(
  begin: i32,
  end: i32,
  _scratch: usize,
  source: usize,
  target: usize,
  m: i32,
  k: i32,
  depthBlock: i32,
): void {
  const rowBlocks = (m + PACK_ROWS - 1) / PACK_ROWS;
  const depthBlocks = (k + depthBlock - 1) / depthBlock;
  for (let item = begin; item < end; item++) {
    const m0 = (item % rowBlocks) * PACK_ROWS;
    const rest = item / rowBlocks;
    const k0 = (rest % depthBlocks) * depthBlock;
    const matrix = (<usize>(rest / depthBlocks) * <usize>m * <usize>k) << 2;
    const depth = min(depthBlock, k - k0);
    const rows = min(PACK_ROWS, m - m0);
    const from = source + matrix + ((<usize>k0 * <usize>m + <usize>m0) << 2);
    const to = target + matrix + ((<usize>k0 * <usize>m + <usize>m0 * <usize>depth) << 2);
    transposeBlock(from, (<usize>m) << 2, to, (<usize>depth) << 2, depth, rows);
  }
}

/**
 * C = A · B for batches of matrices. Items: matrices × blocks of rows × blocks of columns.
 *
 * packedA: A comes from `packTransposed`. transposeB: B is [N, K]. Scratch: 192 bytes, and depthBlock × columnBlock floats.
 */
export function matmulBlocks(
  begin: i32,
  end: i32,
  scratch: usize,
  a: usize,
  b: usize,
  c: usize,
  m: i32,
  k: i32,
  n: i32,
  packedA: i32,
  transposeB: i32,
  rowBlock: i32,
  columnBlock: i32,
  depthBlock: i32,
): void {
  const rowBlocks = (m + rowBlock - 1) / rowBlock;
  const columnBlocks = (n + columnBlock - 1) / columnBlock;
  const panels = scratch + PRODUCT_SCRATCH;
  const rowC = (<usize>n) << 2;
  for (let item = begin; item < end; item++) {
    const n0 = (item % columnBlocks) * columnBlock;
    const rest = item / columnBlocks;
    const m0 = (rest % rowBlocks) * rowBlock;
    const matrix = <usize>(rest / rowBlocks);
    const matrixA = a + ((matrix * <usize>m * <usize>k) << 2);
    const matrixB = b + ((matrix * <usize>k * <usize>n) << 2);
    const matrixC = c + ((matrix * <usize>m * <usize>n) << 2);
    const m1 = min(m0 + rowBlock, m);
    const columns = min(columnBlock, n - n0);
    for (let k0 = 0; k0 == 0 || k0 < k; k0 += depthBlock) {
      const depth = min(depthBlock, k - k0);
      if (transposeB) {
        packTransposedColumns(matrixB + ((<usize>n0 * <usize>k + <usize>k0) << 2), k, depth, columns, panels);
      } else {
        packColumns(matrixB + ((<usize>k0 * <usize>n + <usize>n0) << 2), n, depth, columns, panels);
      }
      const rowA = (packedA ? <usize>depth : <usize>k) << 2;
      const blockA = matrixA + ((packedA ? <usize>k0 * <usize>m : <usize>k0) << 2);
      const firstA = blockA + <usize>m0 * rowA;
      const target = matrixC + ((<usize>m0 * <usize>n + <usize>n0) << 2);
      multiplyPanels(firstA, rowA, m1 - m0, panels, depth, columns, target, rowC, i32(k0 > 0), scratch);
    }
  }
}
