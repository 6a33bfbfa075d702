/**
 * Products of rows that lie anywhere and a matrix packed into panels of 8 columns: what a block of a matrix product is made of, and what attention
 * does for each head.
 */
import { tile } from "./tile";
import { transposeBlock } from "./transpose";

/** Bytes that `multiplyPanels` needs: a tile that hangs over the edge of C, and the table of runs. */
export const PRODUCT_SCRATCH: usize = 192;

/** Panels of 8 columns from B, whose rows are n floats apart: target[panel][k][8]; the last panel is filled up with zeros. */
export function packColumns(b: usize, n: i32, depth: i32, columns: i32, target: usize): void {
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

/** The same from B stored transposed: columns are rows, k floats apart. */
export function packTransposedColumns(b: usize, k: i32, depth: i32, columns: i32, target: usize): void {
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
 * C (+)= A · B for `rows` rows of A, `rowA` bytes apart, and `columns` columns of B, packed: Σ over `depth` elements. Rows of C are `rowC` bytes apart.
 * With depth 0 C becomes zero. Scratch: PRODUCT_SCRATCH bytes.
 */
export function multiplyPanels(
  a: usize,
  rowA: usize,
  rows: i32,
  panels: usize,
  depth: i32,
  columns: i32,
  c: usize,
  rowC: usize,
  add: i32,
  scratch: usize,
): void {
  const bounce = scratch;
  const run = scratch + 128; // a row of A is one run
  store<u32>(run, 0);
  const runCount = i32(depth > 0);
  for (let column = 0; column < columns; column += 8) {
    const panel = panels + <usize>column * ((<usize>depth) << 2);
    const width = columns - column;
    let target = c + ((<usize>column) << 2);
    for (let row = 0; row < rows; row += 4) {
      const a0 = a + <usize>row * rowA;
      const a1 = a + <usize>min(row + 1, rows - 1) * rowA;
      const a2 = a + <usize>min(row + 2, rows - 1) * rowA;
      const a3 = a + <usize>min(row + 3, rows - 1) * rowA;
      if (width >= 8 && row + 4 <= rows) {
        tile(a0, a1, a2, a3, run, runCount, depth, panel, target, rowC, add);
      } else {
        tile(a0, a1, a2, a3, run, runCount, depth, panel, bounce, 32, 0);
        placeTile(bounce, target, rowC, min(4, rows - row), min(8, width), add);
      }
      target += rowC << 2;
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
