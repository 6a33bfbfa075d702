/**
 * First pass of a sweep (the fused head of Partial FC): cosines of the sampled rows with the batch, and of every sample the largest logit
 * and the sum of exponentials over the wrong classes, kept up as the blocks go by. The right class is left to the caller, who adds its margin.
 */
import { floats, promoteHigh, promoteLow } from "./common";
import { exp4, expNegative4 } from "./functions";
import { clamped, findRows, freeScratch, hasTarget, productsOfBlock } from "./sweepBlock";
import {
  BLOCK_ROWS,
  COLUMNS,
  COLUMN_PANELS,
  COSINES,
  COUNT,
  FILTER,
  INVERSE,
  ITEM_BLOCKS,
  LABELS,
  LARGEST,
  SAMPLES,
  SAMPLE_PANELS,
  SCALE,
  STATISTICS,
  TARGET,
  TOTAL,
  WIDTH,
  X,
  address,
  number,
  paddedColumns,
  word,
} from "./sweepPlan";
import { transposeBlock } from "./transpose";

/** NO_LOGIT of tensor/cosineSweep.ts. */
const LOWEST: f32 = -3e38;

/** Both sets of panels of x̂. Items: panels of 8 samples, then panels of 8 columns. */
export function sweepPanels(begin: i32, end: i32, _scratch: usize, plan: usize): void {
  const columns = word(plan, COLUMNS);
  const samples = word(plan, SAMPLES);
  const samplePanels = word(plan, WIDTH) >> 3;
  const x = address(plan, X);
  const row = floats(columns);
  for (let item = begin; item < end; item++) {
    if (item < samplePanels) {
      const to = address(plan, SAMPLE_PANELS) + <usize>item * ((<usize>columns) << 5);
      const rows = min(8, samples - (item << 3));
      if (rows < 8) memory.fill(to, 0, (<usize>columns) << 5);
      transposeBlock(x + <usize>(item << 3) * row, row, to, 32, rows, columns);
    } else {
      const first = (item - samplePanels) << 3;
      let to = address(plan, COLUMN_PANELS) + <usize>first * floats(samples);
      for (let n = 0; n < samples; n++) {
        const from = x + <usize>n * row;
        for (let j = 0; j < 8; j++) {
          store<f32>(to + floats(j), first + j < columns ? load<f32>(from + floats(first + j)) : 0);
        }
        to += 32;
      }
    }
  }
}

/** Items: runs of ITEM_BLOCKS blocks. Scratch: what `freeScratch` leaves out, and a block of cosines. */
export function sweepForward(begin: i32, end: i32, scratch: usize, plan: usize): void {
  const blocks = (word(plan, COUNT) + BLOCK_ROWS - 1) / BLOCK_ROWS;
  const itemBlocks = word(plan, ITEM_BLOCKS);
  const width = word(plan, WIDTH);
  const line = floats(width);
  const own = freeScratch(plan, scratch); // cosines of a block, where they are not kept
  for (let item = begin; item < end; item++) {
    const largest = address(plan, STATISTICS) + <usize>item * 3 * line;
    const totals = largest + line;
    for (let n = 0; n < width; n++) {
      store<f32>(largest + floats(n), LOWEST);
      store<f64>(totals + ((<usize>n) << 3), 0);
    }
    for (let block = item * itemBlocks; block < min(blocks, (item + 1) * itemBlocks); block++) {
      const rows = findRows(plan, block, scratch);
      const kept = address(plan, COSINES);
      const cosines = kept ? kept + <usize>(block * BLOCK_ROWS) * line : own;
      productsOfBlock(plan, block, rows, scratch, cosines);
      addBlock(plan, block * BLOCK_ROWS, rows, cosines, largest, totals);
    }
  }
}

/** Products → cosines, and the classes first … first + rows − 1 into the running maximum and sum. */
function addBlock(plan: usize, first: i32, rows: i32, cosines: usize, largest: usize, totals: usize): void {
  const width = word(plan, WIDTH);
  const line = floats(width);
  const inverses = address(plan, INVERSE) + floats(first);
  const scale = f32x4.splat(number(plan, SCALE));
  const plain = number(plan, FILTER) <= 0 && !hasTarget(plan, first, rows);
  for (let n = 0; n < width; n += 4) {
    const at = floats(n);
    const before = v128.load(largest + at);
    let most = before; // of logits
    let sum = f32x4.splat(0); // of one block, 64 summands; over blocks it goes on in float64
    if (plain) {
      let cosine = f32x4.splat(-1);
      for (let row = 0; row < rows; row++) {
        const place = cosines + <usize>row * line + at;
        const value = clamped(v128.load(place), v128.load32_splat(inverses + floats(row)));
        v128.store(place, value);
        cosine = f32x4.max(cosine, value);
      }
      most = f32x4.max(before, f32x4.mul(scale, cosine));
      for (let row = 0; row < rows; row++) {
        const value = v128.load(cosines + <usize>row * line + at);
        sum = f32x4.add(sum, expNegative4(f32x4.sub(f32x4.mul(scale, value), most)));
      }
    } else {
      const label = v128.load(address(plan, LABELS) + at);
      for (let row = 0; row < rows; row++) {
        const place = cosines + <usize>row * line + at;
        const value = clamped(v128.load(place), v128.load32_splat(inverses + floats(row)));
        v128.store(place, value);
        const right = i32x4.eq(label, i32x4.splat(first + row));
        if (v128.any_true(right)) keepTargets(address(plan, TARGET) + at, value, right);
        most = f32x4.max(most, v128.bitselect(f32x4.splat(-Infinity), logit(plan, value), right));
      }
      for (let row = 0; row < rows; row++) {
        const value = v128.load(cosines + <usize>row * line + at);
        const right = i32x4.eq(label, i32x4.splat(first + row));
        const e = expNegative4(f32x4.sub(logit(plan, value), most));
        sum = f32x4.add(sum, v128.andnot(e, right));
      }
    }
    v128.store(largest + at, most);
    const shrink = exp4(f32x4.sub(before, most));
    const total = totals + ((<usize>n) << 3);
    const low = f64x2.mul(v128.load(total), promoteLow(shrink));
    const high = f64x2.mul(v128.load(total, 16), promoteHigh(shrink));
    v128.store(total, f64x2.add(low, promoteLow(sum)));
    v128.store(total, f64x2.add(high, promoteHigh(sum)), 16);
  }
}

/** Of a wrong class: s · cos θ, 0 where it is filtered. */
// @ts-ignore: decorator
@inline
function logit(plan: usize, cosine: v128): v128 {
  const filter = number(plan, FILTER);
  const threshold = f32x4.splat(filter > 0 ? filter : 2); // no cosine is above 2
  return f32x4.mul(f32x4.splat(number(plan, SCALE)), v128.andnot(cosine, f32x4.gt(cosine, threshold)));
}

/** Lane by lane: the samples beside have their classes in other blocks, whose threads may be writing at this moment. */
function keepTargets(target: usize, cosine: v128, right: v128): void {
  const lanes = i32x4.bitmask(right);
  if (lanes & 1) v128.store_lane<f32>(target, cosine, 0);
  if (lanes & 2) v128.store_lane<f32>(target, cosine, 1, 4);
  if (lanes & 4) v128.store_lane<f32>(target, cosine, 2, 8);
  if (lanes & 8) v128.store_lane<f32>(target, cosine, 3, 12);
}

/** Joins the items, in order. Items: samples. */
export function sweepStatistics(begin: i32, end: i32, _scratch: usize, plan: usize, items: i32): void {
  const line = floats(word(plan, WIDTH));
  for (let n = begin; n < end; n++) {
    let most: f32 = LOWEST;
    const first = address(plan, STATISTICS);
    for (let item = 0; item < items; item++) most = max<f32>(most, load<f32>(first + <usize>item * 3 * line + floats(n)));
    let total: f64 = 0;
    for (let item = 0; item < items; item++) {
      const part = first + <usize>item * 3 * line;
      const shrink = f32x4.extract_lane(exp4(f32x4.splat(load<f32>(part + floats(n)) - most)), 0);
      total += load<f64>(part + line + ((<usize>n) << 3)) * <f64>shrink;
    }
    store<f32>(address(plan, LARGEST) + floats(n), most);
    store<f64>(address(plan, TOTAL) + ((<usize>n) << 3), total);
  }
}
