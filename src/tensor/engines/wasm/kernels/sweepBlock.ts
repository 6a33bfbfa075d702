/**
 * What the passes of a sweep share: the rows of a block of classes, and their cosines with the batch.
 *
 * Rows are read where they lie in the table: the register tile follows four of them at once, so that nothing is gathered. Only rows
 * kept as float16 are copied, to be widened, and rows of which some columns are chosen.
 */
import { floats, lanes } from "./common";
import { widenRow } from "./float16";
import {
  BLOCK_ROWS,
  CHOSEN,
  COLUMNS,
  COUNT,
  FLOOR,
  HALF,
  INDEX,
  INVERSE,
  LABELS,
  SAMPLE_PANELS,
  TABLE,
  TABLE_COLUMNS,
  WIDTH,
  address,
  number,
  word,
} from "./sweepPlan";
import { tile } from "./tile";

/** Columns of a row that are multiplied at once: a panel of 8 samples, 8 KiB, stays in the first-level cache. */
const DEPTH: i32 = 256;

/**
 * Scratch of every pass begins with: addresses of the rows of a block, a table of one run for the tile, the rows where they are copied, and
 * where columns of widened rows are chosen a whole row.
 */
const ROW_ADDRESSES: usize = 0;
export const RUN: usize = 256;
const HEAD: usize = 320;

/** Where scratch that is free for the pass begins. */
export function freeScratch(plan: usize, scratch: usize): usize {
  return wholeRow(plan, scratch) + (word(plan, HALF) && word(plan, CHOSEN) ? floats(word(plan, TABLE_COLUMNS)) : 0);
}

/** Behind the copies. */
function wholeRow(plan: usize, scratch: usize): usize {
  const copied = word(plan, HALF) || word(plan, CHOSEN);
  return scratch + HEAD + (copied ? <usize>BLOCK_ROWS * floats(word(plan, COLUMNS)) : 0);
}

/** Address of class j in the table `from`: centers or velocities. */
export function placeOf(plan: usize, from: usize, j: i32): usize {
  const bytes = <usize>word(plan, TABLE_COLUMNS) << (word(plan, HALF) ? 1 : 2);
  return from + <usize>load<u32>(address(plan, INDEX) + floats(j)) * bytes;
}

/** Finds the block's rows, as float32 and their chosen columns alone; the last one is repeated up to a multiple of 4. Returns how many rows there are. */
export function findRows(plan: usize, block: i32, scratch: usize): i32 {
  const rows = min(BLOCK_ROWS, word(plan, COUNT) - block * BLOCK_ROWS);
  const columns = word(plan, COLUMNS);
  const half = word(plan, HALF);
  const chosen = address(plan, CHOSEN);
  for (let row = 0; row < ((rows + 3) & ~3); row++) {
    const j = min(row, rows - 1);
    let at = placeOf(plan, address(plan, TABLE), block * BLOCK_ROWS + j);
    if (half || chosen) {
      const copy = scratch + HEAD + <usize>j * floats(columns);
      if (row < rows) {
        if (chosen) chooseColumns(half ? widened(plan, at, wholeRow(plan, scratch)) : at, copy, chosen, columns);
        else widenRow(at, copy, columns);
      }
      at = copy;
    }
    store<u32>(scratch + ROW_ADDRESSES + floats(row), <u32>at);
  }
  store<u32>(scratch + RUN, 0);
  return rows;
}

/** A whole row of float16 as float32 at `to`, which is returned. */
export function widened(plan: usize, from: usize, to: usize): usize {
  widenRow(from, to, word(plan, TABLE_COLUMNS));
  return to;
}

function chooseColumns(row: usize, to: usize, chosen: usize, count: i32): void {
  for (let k = 0; k < count; k++) {
    store<f32>(to + floats(k), load<f32>(row + floats(load<i32>(chosen + floats(k)))));
  }
}

// @ts-ignore: decorator
@inline
export function rowAddress(scratch: usize, row: i32): usize {
  return <usize>load<u32>(scratch + ROW_ADDRESSES + floats(row));
}

/** ⟨w, x̂⟩ of the block's rows with all samples: [rows padded to 4, width] at `target`. Writes the rows' inverse norms too. */
export function productsOfBlock(plan: usize, block: i32, rows: i32, scratch: usize, target: usize): void {
  const columns = word(plan, COLUMNS);
  const width = word(plan, WIDTH);
  const stride = floats(width);
  // norms first: they bring the rows into the cache, many at a time, where the tile would wait for them four at a time
  const inverses = address(plan, INVERSE) + floats(block * BLOCK_ROWS);
  for (let row = 0; row < rows; row++) {
    store<f32>(inverses + floats(row), inverseNorm(rowAddress(scratch, row), columns, number(plan, FLOOR)));
  }
  const panelBytes = (<usize>columns) << 5;
  for (let k = 0; k < columns; k += DEPTH) {
    const depth = min(DEPTH, columns - k);
    const at = floats(k);
    for (let panel = 0; panel < width; panel += 8) {
      const b = address(plan, SAMPLE_PANELS) + <usize>(panel >> 3) * panelBytes + ((<usize>k) << 5);
      let to = target + floats(panel);
      for (let row = 0; row < rows; row += 4) {
        const a0 = rowAddress(scratch, row) + at;
        const a1 = rowAddress(scratch, row + 1) + at;
        const a2 = rowAddress(scratch, row + 2) + at;
        const a3 = rowAddress(scratch, row + 3) + at;
        tile(a0, a1, a2, a3, scratch + RUN, 1, depth, b, to, stride, i32(k > 0));
        to += stride << 2;
      }
    }
  }
}

/** cos θ of the block's rows with all samples, clamped to [−1, 1]: [rows padded to 4, width] at `target`. */
export function cosinesOfBlock(plan: usize, block: i32, rows: i32, scratch: usize, target: usize): void {
  productsOfBlock(plan, block, rows, scratch, target);
  const width = word(plan, WIDTH);
  for (let row = 0; row < rows; row++) {
    const inverse = f32x4.splat(load<f32>(address(plan, INVERSE) + floats(block * BLOCK_ROWS + row)));
    const line = target + <usize>row * floats(width);
    for (let n = 0; n < width; n += 4) v128.store(line + floats(n), clamped(v128.load(line + floats(n)), inverse));
  }
}

/** x · factor, between −1 and 1. */
// @ts-ignore: decorator
@inline
export function clamped(x: v128, factor: v128): v128 {
  return f32x4.max(f32x4.splat(-1), f32x4.min(f32x4.splat(1), f32x4.mul(x, factor)));
}

/** Reads a number of every cache line of the rows, so that many are on their way from memory at once. */
export function touchRows(plan: usize, table: usize, block: i32, rows: i32, scratch: usize): void {
  const bytes = <usize>word(plan, TABLE_COLUMNS) << (word(plan, HALF) ? 1 : 2);
  let seen = 0;
  for (let row = 0; row < rows; row++) {
    const from = placeOf(plan, table, block * BLOCK_ROWS + row);
    for (let at: usize = 0; at < bytes; at += 64) seen += load<u8>(from + at);
  }
  store<i32>(scratch + RUN + 4, seen); // or the loop would be left out
}

/** Whether a sample of the batch has its class among the block's. */
export function hasTarget(plan: usize, first: i32, rows: i32): bool {
  const labels = address(plan, LABELS);
  const low = i32x4.splat(first);
  const high = i32x4.splat(first + rows);
  let found = i32x4.splat(0);
  for (let n = 0; n < word(plan, WIDTH); n += 4) {
    const label = v128.load(labels + floats(n));
    found = v128.or(found, v128.and(i32x4.ge_s(label, low), i32x4.lt_s(label, high)));
  }
  return v128.any_true(found);
}

/** 1/max(‖w‖, floor), squares summed in sixteen lanes. */
function inverseNorm(row: usize, columns: i32, floor: f32): f32 {
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let k = 0;
  for (; k + 16 <= columns; k += 16) {
    const at = row + floats(k);
    const p = v128.load(at);
    const q = v128.load(at, 16);
    const r = v128.load(at, 32);
    const s = v128.load(at, 48);
    a = f32x4.add(a, f32x4.mul(p, p));
    b = f32x4.add(b, f32x4.mul(q, q));
    c = f32x4.add(c, f32x4.mul(r, r));
    d = f32x4.add(d, f32x4.mul(s, s));
  }
  let square = lanes(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
  for (; k < columns; k++) {
    const value = <f64>load<f32>(row + floats(k));
    square += value * value;
  }
  return <f32>(1 / max<f64>(sqrt<f64>(square), <f64>floor));
}
