/**
 * Second pass of a sweep: from cosines to dL/dcos θ, and with it every item's share of dL/dx̂ = Σ_j dL/dcos θ_j · ŵ_j.
 *
 *     dL/dcos θ_nj = factor · exp(s · cos θ_nj − logSum_n)     j a wrong class: its probability, 0 where it was filtered
 *                    given by the caller                        j the right class, whose margin only the caller knows
 */
import { BLOCK, floats, lanes } from "./common";
import { expNegative4 } from "./functions";
import { multiplyAdd } from "./multiplyAdd";
import { RUN, cosinesOfBlock, findRows, freeScratch, hasTarget, rowAddress, touchRows } from "./sweepBlock";
import {
  BLOCK_ROWS,
  COLUMNS,
  COSINES,
  COUNT,
  FACTOR,
  FILTER,
  INVERSE,
  ITEM_BLOCKS,
  LABELS,
  LOG_SUM,
  PROJECTION,
  SCALE,
  SHARES,
  TABLE,
  TARGET_GRADIENT,
  WIDTH,
  X_GRADIENT,
  address,
  number,
  paddedColumns,
  word,
} from "./sweepPlan";
import { tile } from "./tile";
import { transposeBlock } from "./transpose";

/** Items: runs of ITEM_BLOCKS blocks. Scratch: what `freeScratch` leaves out, a block of cosines, a transposed block, a panel of 8 columns. */
export function sweepBackward(begin: i32, end: i32, scratch: usize, plan: usize): void {
  const blocks = (word(plan, COUNT) + BLOCK_ROWS - 1) / BLOCK_ROWS;
  const itemBlocks = word(plan, ITEM_BLOCKS);
  const line = floats(word(plan, WIDTH));
  const share = <usize>word(plan, WIDTH) * floats(paddedColumns(plan));
  const own = freeScratch(plan, scratch);
  const turned = own + <usize>BLOCK_ROWS * line;
  for (let item = begin; item < end; item++) {
    const to = address(plan, SHARES) + <usize>item * share;
    for (let block = item * itemBlocks; block < min(blocks, (item + 1) * itemBlocks); block++) {
      const rows = findRows(plan, block, scratch);
      const kept = address(plan, COSINES);
      const cosines = kept ? kept + <usize>(block * BLOCK_ROWS) * line : own;
      if (kept) touchRows(plan, address(plan, TABLE), block, rows, scratch);
      else cosinesOfBlock(plan, block, rows, scratch, cosines);
      cosineGradients(plan, block * BLOCK_ROWS, rows, cosines);
      addShare(plan, rows, scratch, cosines, turned, to, i32(block > item * itemBlocks));
    }
  }
}

/**
 * cos θ → dL/dcos θ · 1/‖w‖ in place (both uses of it, dL/dx̂ and dL/dw, divide by the norm), and the projections
 * Σ_n dL/dcos θ · cos θ · 1/‖w‖ of the rows.
 */
export function cosineGradients(plan: usize, first: i32, rows: i32, cosines: usize): void {
  const width = word(plan, WIDTH);
  const labels = address(plan, LABELS);
  const logSums = address(plan, LOG_SUM);
  const targetGradients = address(plan, TARGET_GRADIENT);
  const scale = f32x4.splat(number(plan, SCALE));
  const filter = number(plan, FILTER);
  const plain = filter <= 0 && !hasTarget(plan, first, rows);
  const threshold = f32x4.splat(filter > 0 ? filter : 2);
  for (let row = 0; row < rows; row++) {
    const line = cosines + <usize>row * floats(width);
    const place = i32x4.splat(first + row);
    const inverse = load<f32>(address(plan, INVERSE) + floats(first + row));
    const factor = f32x4.splat(number(plan, FACTOR) * inverse);
    let projection = f32x4.splat(0);
    for (let n = 0; n < width; n += 4) {
      const at = floats(n);
      const cosine = v128.load(line + at);
      const e = expNegative4(f32x4.sub(f32x4.mul(scale, cosine), v128.load(logSums + at)));
      let gradient = f32x4.mul(factor, e);
      if (!plain) {
        gradient = v128.andnot(gradient, f32x4.gt(cosine, threshold));
        const right = i32x4.eq(v128.load(labels + at), place);
        const ofTarget = f32x4.mul(v128.load(targetGradients + at), f32x4.splat(inverse));
        gradient = v128.bitselect(ofTarget, gradient, right);
      }
      v128.store(line + at, gradient);
      projection = multiplyAdd(gradient, cosine, projection);
    }
    store<f32>(address(plan, PROJECTION) + floats(first + row), <f32>lanes(projection));
  }
}

/** share [width, columns] (+)= gradientsᵀ · w, the gradients divided by the norms. */
function addShare(
  plan: usize,
  rows: i32,
  scratch: usize,
  gradients: usize,
  turned: usize,
  share: usize,
  add: i32,
): void {
  const width = word(plan, WIDTH);
  const columns = word(plan, COLUMNS);
  const stride = floats(paddedColumns(plan));
  const depth = floats(rows);
  transposeBlock(gradients, floats(width), turned, depth, rows, width); // [width, rows]
  const panel = turned + floats(BLOCK_ROWS) * <usize>width;
  for (let column = 0; column < columns; column += 8) {
    packColumns(scratch, rows, column, columns, panel);
    let to = share + floats(column);
    for (let n = 0; n < width; n += 4) {
      const a = turned + <usize>n * depth;
      tile(a, a + depth, a + 2 * depth, a + 3 * depth, scratch + RUN, 1, rows, panel, to, stride, add);
      to += stride << 2;
    }
  }
}

/** Columns column … column + 7 of the rows, side by side: [rows][8], zeros beyond the last column. */
function packColumns(scratch: usize, rows: i32, column: i32, columns: i32, panel: usize): void {
  let to = panel;
  const whole = column + 8 <= columns;
  for (let row = 0; row < rows; row++) {
    const from = rowAddress(scratch, row) + floats(column);
    if (whole) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    } else {
      for (let j = 0; j < 8; j++) store<f32>(to + floats(j), column + j < columns ? load<f32>(from + floats(j)) : 0);
    }
    to += 32;
  }
}

/** Adds the shares up, in order. Items: blocks of BLOCK elements of [width, padded columns]. */
export function sweepShares(begin: i32, end: i32, _scratch: usize, plan: usize, shares: i32): void {
  const size = word(plan, WIDTH) * paddedColumns(plan);
  const from = address(plan, SHARES);
  for (let i = begin * BLOCK; i < min(size, end * BLOCK); i += 4) {
    let sum = v128.load(from + floats(i));
    for (let share = 1; share < shares; share++) {
      sum = f32x4.add(sum, v128.load(from + <usize>share * floats(size) + floats(i)));
    }
    v128.store(address(plan, X_GRADIENT) + floats(i), sum);
  }
}
