/**
 * Third pass of a sweep: the gradient of every row, and with it, in the same breath, the row's momentum and the row.
 *
 *     dL/dŵ_j = Σ_n dL/dcos θ_nj · x̂_n
 *     dL/dw_j = (dL/dŵ_j − ŵ_j · ⟨ŵ_j, dL/dŵ_j⟩) / ‖w_j‖       ⟨ŵ_j, dL/dŵ_j⟩ = Σ_n dL/dcos θ_nj · cos θ_nj
 *
 * The second pass left dL/dcos θ and the projections ⟨ŵ, dL/dŵ⟩ divided by ‖w‖. The gradient of all rows never exists: a block of 64 is multiplied out, used and forgotten.
 */
import { floats } from "./common";
import { narrowRow, widenRow } from "./float16";
import { sgdRun } from "./sgd";
import { cosineGradients } from "./sweepBackward";
import { RUN, cosinesOfBlock, findRows, freeScratch, placeOf, rowAddress, touchRows } from "./sweepBlock";
import {
  BLOCK_ROWS,
  COLUMNS,
  COLUMN_PANELS,
  COSINES,
  DECAY,
  FLOOR,
  HALF,
  INVERSE,
  MOMENTUM,
  NESTEROV,
  PROJECTION,
  RATE,
  ROW_GRADIENT,
  SAMPLES,
  TABLE,
  VELOCITY,
  WIDTH,
  address,
  number,
  paddedColumns,
  word,
} from "./sweepPlan";
import { tile } from "./tile";

/** Items: blocks. Scratch: what `freeScratch` leaves out, a block of cosines, a block of gradients, a row of velocities. */
export function sweepUpdate(begin: i32, end: i32, scratch: usize, plan: usize): void {
  const columns = word(plan, COLUMNS);
  const stride = floats(paddedColumns(plan));
  const gradients = gradientScratch(plan, scratch);
  const widened = gradients + <usize>BLOCK_ROWS * stride;
  const velocities = address(plan, VELOCITY);
  const half = word(plan, HALF);
  for (let block = begin; block < end; block++) {
    const rows = multiplyOut(plan, block, scratch, gradients);
    touchRows(plan, address(plan, TABLE), block, rows, scratch);
    if (velocities) touchRows(plan, velocities, block, rows, scratch);
    for (let row = 0; row < rows; row++) {
      const j = block * BLOCK_ROWS + row;
      const w = rowAddress(scratch, row);
      const kept = velocities ? placeOf(plan, velocities, j) : 0;
      const velocity = kept && half ? widened : kept;
      if (kept && half) widenRow(kept, velocity, columns);
      updateRow(plan, j, gradients + <usize>row * stride, w, velocity);
      if (half) narrowRow(w, placeOf(plan, address(plan, TABLE), j), columns);
      if (kept && half) narrowRow(velocity, kept, columns);
    }
  }
}

/** The gradients themselves, for other rules. Items, scratch: as `sweepUpdate`. */
export function sweepGradient(begin: i32, end: i32, scratch: usize, plan: usize): void {
  const columns = word(plan, COLUMNS);
  const stride = floats(paddedColumns(plan));
  const gradients = gradientScratch(plan, scratch);
  for (let block = begin; block < end; block++) {
    const rows = multiplyOut(plan, block, scratch, gradients);
    for (let row = 0; row < rows; row++) {
      const j = block * BLOCK_ROWS + row;
      const from = gradients + <usize>row * stride;
      const to = address(plan, ROW_GRADIENT) + <usize>j * floats(columns);
      const w = rowAddress(scratch, row);
      const along = alongRow(plan, j);
      for (let k = 0; k < columns; k++) {
        store<f32>(to + floats(k), load<f32>(from + floats(k)) - load<f32>(w + floats(k)) * along);
      }
    }
  }
}

/** Behind the cosines of the block. */
// @ts-ignore: decorator
@inline
function gradientScratch(plan: usize, scratch: usize): usize {
  return freeScratch(plan, scratch) + <usize>BLOCK_ROWS * floats(word(plan, WIDTH));
}

/** dL/dŵ / ‖w‖ of the block's rows: [rows padded to 4, padded columns] at `target`. Returns how many rows there are. */
function multiplyOut(plan: usize, block: i32, scratch: usize, target: usize): i32 {
  const samples = word(plan, SAMPLES);
  const line = floats(word(plan, WIDTH));
  const stride = floats(paddedColumns(plan));
  const rows = findRows(plan, block, scratch);
  let gradients = address(plan, COSINES) + <usize>(block * BLOCK_ROWS) * line;
  if (!address(plan, COSINES)) {
    gradients = freeScratch(plan, scratch);
    cosinesOfBlock(plan, block, rows, scratch, gradients);
    cosineGradients(plan, block * BLOCK_ROWS, rows, gradients);
  }
  for (let column = 0; column < word(plan, COLUMNS); column += 8) {
    const panel = address(plan, COLUMN_PANELS) + <usize>column * floats(samples);
    let to = target + floats(column);
    for (let row = 0; row < rows; row += 4) {
      const a = gradients + <usize>row * line;
      tile(a, a + line, a + 2 * line, a + 3 * line, scratch + RUN, 1, samples, panel, to, stride, 0);
      to += stride << 2;
    }
  }
  return rows;
}

/** What of w is taken from the gradient: ⟨ŵ, dL/dŵ⟩/‖w‖²; 0 where the norm is under the floor, and ŵ = w/floor is no unit vector. */
// @ts-ignore: decorator
@inline
function alongRow(plan: usize, j: i32): f32 {
  const inverse = load<f32>(address(plan, INVERSE) + floats(j));
  if (inverse * number(plan, FLOOR) > 0.999999) return 0; // 1 but for rounding
  return load<f32>(address(plan, PROJECTION) + floats(j)) * inverse;
}

/** The optimizer's rule, with dL/dw = gradient − along · w: what is taken from the gradient goes with the decay, which is along w too. */
function updateRow(plan: usize, j: i32, gradient: usize, w: usize, v: usize): void {
  const pull: f32 = number(plan, DECAY) - alongRow(plan, j);
  const nesterov = word(plan, NESTEROV) != 0;
  sgdRun(w, gradient, v, word(plan, COLUMNS), number(plan, RATE), number(plan, MOMENTUM), pull, nesterov);
}
