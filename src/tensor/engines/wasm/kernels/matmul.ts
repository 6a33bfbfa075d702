/**
 * Matrix product C = A · B of row-major matrices, in blocks (Goto and van de Geijn, 2008).
 *
 * An item is a block of `rowBlock` by `columnBlock` of C. For every `depthBlock` of k it packs its piece of B into panels of
 * 8 columns (private, in L2) and runs the register tile over rows of A and panels. A is read where it lies: the tile
 * follows 4 rows at once, so that A needs no packing unless it is stored transposed.
 */
import { tile } from "./tile";
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

/** Panels of 8 columns from B [K, N] at its element (k0, n0): target[panel][k][8]; the last panel is filled up with zeros. */
function packColumns(b: usize, n: i32, depth: i32, columns: i32, target: usize): void {
  const panel = (<usize>depth) << 5;
  const row = (<usize>n) << 2;
  const whole = columns >> 3;
  const rest = columns & 7;
  for (let k = 0; k < depth; k++) {
    let s = b;
    let t = target + ((<usize>k) << 5);
    for (let p = 0; p < whole; p++) {
      v128.store(t, v128.load(s));
      v128.store(t, v128.load(s, 16), 16);
      s += 32;
      t += panel;
    }
    if (rest) {
      v128.store(t, f32x4.splat(0));
      v128.store(t, f32x4.splat(0), 16);
      for (let j: usize = 0; j < <usize>rest; j++) store<f32>(t + (j << 2), load<f32>(s + (j << 2)));
    }
    b += row;
  }
}

/** The same from B stored transposed, [N, K]. */
function packTransposedColumns(b: usize, k: i32, depth: i32, columns: i32, target: usize): void {
  const panel = (<usize>depth) << 5;
  const row = (<usize>k) << 2;
  for (let column = 0; column < columns; column += 8) {
    const rows = min(8, columns - column);
    if (rows < 8) memory.fill(target, 0, panel);
    transposeBlock(b, row, target, 32, rows, depth);
    b += row << 3;
    target += panel;
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
  const bounce = scratch; // a tile that hangs over the edge of C
  const run = scratch + 128; // the table of runs: a row of A is one run
  const panels = scratch + 192;
  const rowC = (<usize>n) << 2;
  store<u32>(run, 0);
  const runCount = i32(k > 0); // with k = 0 a tile sums nothing, and C becomes zero
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
      const add = i32(k0 > 0);
      for (let column = 0; column < columns; column += 8) {
        const panel = panels + <usize>column * ((<usize>depth) << 2);
        const width = columns - column;
        let target = matrixC + ((<usize>m0 * <usize>n + <usize>(n0 + column)) << 2);
        for (let row = m0; row < m1; row += 4) {
          const a0 = blockA + <usize>row * rowA;
          const a1 = blockA + <usize>min(row + 1, m1 - 1) * rowA;
          const a2 = blockA + <usize>min(row + 2, m1 - 1) * rowA;
          const a3 = blockA + <usize>min(row + 3, m1 - 1) * rowA;
          if (width >= 8 && row + 4 <= m1) {
            tile(a0, a1, a2, a3, run, runCount, depth, panel, target, rowC, add);
          } else {
            tile(a0, a1, a2, a3, run, runCount, depth, panel, bounce, 32, 0);
            placeTile(bounce, target, rowC, min(4, m1 - row), min(8, width), add);
          }
          target += rowC << 2;
        }
      }
    }
  }
}

/** Copies (or adds) the part of a 4x8 tile that lies inside C. */
function placeTile(bounce: usize, target: usize, rowC: usize, rows: i32, columns: i32, add: i32): void {
  for (let i = 0; i < rows; i++) {
    for (let j: usize = 0; j < <usize>columns; j++) {
      const value = load<f32>(bounce + ((<usize>i) << 5) + (j << 2));
      const address = target + (j << 2);
      store<f32>(address, add ? load<f32>(address) + value : value);
    }
    target += rowC;
  }
}
