/**
 * For every row of x [N, M] the best and the second best of the scores ⟨x_i, c_j⟩ + b_j over K centers: the matrix product of matmul.ts,
 * whose result is looked at tile by tile and never stored.
 *
 * An item is a block of rows. It goes along the panels of 8 centers, and the 8 scores of a row are compared with its second best, four
 * rows at once: nearly all tiles have nothing above it (of K centers in random order about 2 ln K are), and those are done with that.
 * Every score is one sum in the order of k, rounded the same wherever row and center lie.
 */
import { floats } from "./common";
import { tile } from "./tile";
import { transposeBlock } from "./transpose";

/** NO_SCORE of tensor/nearestRows.ts. */
const NO_SCORE: f32 = -3e38;

/** Columns that are multiplied at once: a panel of 8 centers, 8 KiB, stays in the first-level cache. */
const DEPTH: i32 = 256;

/** Centers [K, M] as panels: target[panel][M][8], filled up with zeros; their biases, filled up with NO_SCORE. Items: panels. */
export function packCenters(
  begin: i32, end: i32, _scratch: usize, centers: usize, bias: usize, target: usize, packedBias: usize, k: i32, m: i32,
): void {
  const row = floats(m);
  for (let panel = begin; panel < end; panel++) {
    const first = panel << 3;
    const width = min(8, k - first);
    const to = target + <usize>panel * (row << 3);
    if (width < 8) memory.fill(to, 0, row << 3);
    transposeBlock(centers + <usize>first * row, row, to, 32, width, m);
    for (let j = 0; j < 8; j++) {
      store<f32>(packedBias + floats(first + j), j < width ? load<f32>(bias + floats(first + j)) : NO_SCORE);
    }
  }
}

/** Items: blocks of `rowBlock` rows (a multiple of 4). index, best, second: N floats each. Scratch: 64 bytes, and 8 floats a row of the block. */
export function nearestRows(
  begin: i32,
  end: i32,
  scratch: usize,
  x: usize,
  panels: usize,
  bias: usize,
  index: usize,
  best: usize,
  second: usize,
  n: i32,
  m: i32,
  panelCount: i32,
  rowBlock: i32,
): void {
  const row = floats(m);
  const run = scratch; // the table of runs: a row of x is one run
  const scores = scratch + 64; // [rowBlock, 8]
  const runCount = i32(m > 0);
  store<u32>(run, 0);
  for (let item = begin; item < end; item++) {
    const first = item * rowBlock;
    const last = min(first + rowBlock, n) - 1;
    for (let i = first; i <= last; i++) {
      store<f32>(index + floats(i), 0);
      store<f32>(best + floats(i), NO_SCORE);
      store<f32>(second + floats(i), NO_SCORE);
    }
    for (let panel = 0; panel < panelCount; panel++) {
      const packed = panels + <usize>panel * (row << 3);
      const biases = bias + ((<usize>panel) << 5);
      for (let k = 0; k == 0 || k < m; k += DEPTH) {
        const depth = min(DEPTH, m - k);
        const b = packed + ((<usize>k) << 5);
        const isLast = k + depth == m;
        let to = scores;
        for (let i = first; i <= last; i += 4) {
          const a = x + floats(k);
          const a0 = a + <usize>i * row;
          const a1 = a + <usize>min(i + 1, last) * row;
          const a2 = a + <usize>min(i + 2, last) * row;
          const a3 = a + <usize>min(i + 3, last) * row;
          tile(a0, a1, a2, a3, run, runCount, depth, b, to, 32, i32(k > 0));
          if (isLast) compare(to, biases, i, last, panel << 3, index, best, second);
          to += 128;
        }
      }
    }
  }
}

/** Scores of the rows i … i + 3 (as far as `last`) with the centers j … j + 7: whether any is above its row's second best. */
// @ts-ignore: decorator
@inline
function compare(
  products: usize, biases: usize, i: i32, last: i32, j: i32, index: usize, best: usize, second: usize,
): void {
  const low = v128.load(biases);
  const high = v128.load(biases, 16);
  const s0 = v128.load32_splat(second + floats(i));
  const s1 = v128.load32_splat(second + floats(min(i + 1, last)));
  const s2 = v128.load32_splat(second + floats(min(i + 2, last)));
  const s3 = v128.load32_splat(second + floats(min(i + 3, last)));
  const above0 = v128.or(above(products, low, s0), above(products + 16, high, s0));
  const above1 = v128.or(above(products + 32, low, s1), above(products + 48, high, s1));
  const above2 = v128.or(above(products + 64, low, s2), above(products + 80, high, s2));
  const above3 = v128.or(above(products + 96, low, s3), above(products + 112, high, s3));
  if (!v128.any_true(v128.or(v128.or(above0, above1), v128.or(above2, above3)))) return;
  const rows = min(4, last + 1 - i);
  if (v128.any_true(above0)) insert(products, biases, i, j, index, best, second);
  if (rows > 1 && v128.any_true(above1)) insert(products + 32, biases, i + 1, j, index, best, second);
  if (rows > 2 && v128.any_true(above2)) insert(products + 64, biases, i + 2, j, index, best, second);
  if (rows > 3 && v128.any_true(above3)) insert(products + 96, biases, i + 3, j, index, best, second);
}

// @ts-ignore: decorator
@inline
function above(products: usize, bias: v128, least: v128): v128 {
  return f32x4.gt(f32x4.add(v128.load(products), bias), least);
}

/** One row's scores with the centers j … j + 7, one after the other: of equal ones the first stays the best. */
function insert(products: usize, biases: usize, i: i32, j: i32, index: usize, best: usize, second: usize): void {
  let most = load<f32>(best + floats(i));
  let next = load<f32>(second + floats(i));
  for (let lane = 0; lane < 8; lane++) {
    const score = load<f32>(products + floats(lane)) + load<f32>(biases + floats(lane));
    if (score > most) {
      next = most;
      most = score;
      store<f32>(index + floats(i), <f32>(j + lane));
    } else if (score > next) {
      next = score;
    }
  }
  store<f32>(best + floats(i), most);
  store<f32>(second + floats(i), next);
}
