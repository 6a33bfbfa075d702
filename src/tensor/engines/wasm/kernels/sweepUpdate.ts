/**
 * Third pass of a sweep: the gradient of every row, and with it, in the same breath, the row's momentum and the row.
 *
 *     dL/dŵ_j = Σ_n dL/dcos θ_nj · x̂_n
 *     dL/dw_j = (dL/dŵ_j − ŵ_j · ⟨ŵ_j, dL/dŵ_j⟩) / ‖w_j‖       ⟨ŵ_j, dL/dŵ_j⟩ = Σ_n dL/dcos θ_nj · cos θ_nj
 *
 * Where columns are chosen, the others of a row have gradient 0 and follow the optimizer's rule too: momentum and decay move them.
 *
 * The second pass left dL/dcos θ and the projections ⟨ŵ, dL/dŵ⟩ divided by ‖w‖. The gradient of all rows never exists: a block of 64 is multiplied out, used and forgotten.
 */
import { floats } from "./common";
import { narrowRow, widenRow } from "./float16";
import { sgdRun } from "./sgd";
import { cosineGradients } from "./sweepBackward";
import { RUN, cosinesOfBlock, findRows, freeScratch, placeOf, rowAddress, touchRows, widened } from "./sweepBlock";
import {
  BLOCK_ROWS,
  CHOSEN,
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
  TABLE_COLUMNS,
  VELOCITY,
  WIDTH,
  address,
  number,
  paddedColumns,
  word,
} from "./sweepPlan";
import { tile } from "./tile";

/** Items: blocks. Scratch: what `freeScratch` leaves out, a block of cosines, a block of gradients, three whole rows: velocity, row, gradient. */
export function sweepUpdate(begin: i32, end: i32, scratch: usize, plan: usize): void {
  const columns = word(plan, TABLE_COLUMNS);
  const stride = floats(paddedColumns(plan));
  const gradients = gradientScratch(plan, scratch);
  const wideVelocity = gradients + <usize>BLOCK_ROWS * stride;
  const wideRow = wideVelocity + floats(columns);
  const wideGradient = wideRow + floats(columns);
  const velocities = address(plan, VELOCITY);
  const half = word(plan, HALF);
  const chosen = word(plan, CHOSEN) != 0;
  for (let block = begin; block < end; block++) {
    const rows = multiplyOut(plan, block, scratch, gradients);
    touchRows(plan, address(plan, TABLE), block, rows, scratch);
    if (velocities) touchRows(plan, velocities, block, rows, scratch);
    for (let row = 0; row < rows; row++) {
      const j = block * BLOCK_ROWS + row;
      const place = placeOf(plan, address(plan, TABLE), j);
      const gradient = gradients + <usize>row * stride;
      const kept = velocities ? placeOf(plan, velocities, j) : 0;
      const velocity = kept && half ? wideVelocity : kept;
      if (kept && half) widenRow(kept, velocity, columns);
      let w = rowAddress(scratch, row);
      if (chosen) {
        spreadGradient(plan, j, gradient, w, wideGradient);
        w = half ? widened(plan, place, wideRow) : place;
        updateRow(plan, wideGradient, w, velocity, number(plan, DECAY));
      } else {
        // what is taken from the gradient goes with the decay, which is along w too
        updateRow(plan, gradient, w, velocity, number(plan, DECAY) - alongRow(plan, j));
      }
      if (half) narrowRow(w, place, columns);
      if (kept && half) narrowRow(velocity, kept, columns);
    }
  }
}

/** The gradients themselves, for other rules. Items, scratch: as `sweepUpdate`. */
export function sweepGradient(begin: i32, end: i32, scratch: usize, plan: usize): void {
  const stride = floats(paddedColumns(plan));
  const line = floats(word(plan, TABLE_COLUMNS));
  const gradients = gradientScratch(plan, scratch);
  for (let block = begin; block < end; block++) {
    const rows = multiplyOut(plan, block, scratch, gradients);
    for (let row = 0; row < rows; row++) {
      const j = block * BLOCK_ROWS + row;
      const to = address(plan, ROW_GRADIENT) + <usize>j * line;
      spreadGradient(plan, j, gradients + <usize>row * stride, rowAddress(scratch, row), to);
    }
  }
}

/** dL/dw at `to`, all columns of it: 0 where they are not chosen. w: the compared columns of the row. */
function spreadGradient(plan: usize, j: i32, gradient: usize, w: usize, to: usize): void {
  const columns = word(plan, COLUMNS);
  const chosen = address(plan, CHOSEN);
  const along = alongRow(plan, j);
  if (chosen) memory.fill(to, 0, floats(word(plan, TABLE_COLUMNS)));
  for (let k = 0; k < columns; k++) {
    const column = chosen ? load<i32>(chosen + floats(k)) : k;
    store<f32>(to + floats(column), load<f32>(gradient + floats(k)) - load<f32>(w + floats(k)) * along);
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

/** The optimizer's rule on a whole row; `pull` is along w. */
function updateRow(plan: usize, gradient: usize, w: usize, v: usize, pull: f32): void {
  const nesterov = word(plan, NESTEROV) != 0;
  const columns = word(plan, TABLE_COLUMNS);
  sgdRun(w, gradient, v, columns, number(plan, RATE), number(plan, MOMENTUM), pull, nesterov);
}
