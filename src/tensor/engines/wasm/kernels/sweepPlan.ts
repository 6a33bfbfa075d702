/**
 * What the kernels of a sweep know: a table of 32-bit words in memory, written by ../sweepPart.ts (PLAN, in this order).
 *
 * A sweep takes some rows w of a table ("classes", S of them, E columns, or F chosen ones) against a batch of unit rows x̂ (N of them). Everything that has
 * a number a class and a sample lies class by class, N numbers side by side, padded to a multiple of 8 ("width").
 */

/** Classes that are handled together: 64 rows of 512 floats and their 64 × 128 cosines stay in the second-level cache. */
export const BLOCK_ROWS: i32 = 64;

/** Address of the table of rows; its elements: 0 float32, 1 float16. */
export const TABLE: i32 = 0;
export const HALF: i32 = 1;
/** Address of the table of velocities, of the same size and kind; 0: none. */
export const VELOCITY: i32 = 2;
/** Address of the S row numbers. */
export const INDEX: i32 = 3;
/** S */
export const COUNT: i32 = 4;
/** Columns that are compared: F, or E where none are chosen. */
export const COLUMNS: i32 = 5;
/** N, and N padded to a multiple of 8. */
export const SAMPLES: i32 = 6;
export const WIDTH: i32 = 7;
/** x̂ [N, E] as it is; as panels [N/8][E][8] for cosines; as panels [E/8][N][8] for gradients of rows. Both filled up with zeros. */
export const X: i32 = 8;
export const SAMPLE_PANELS: i32 = 9;
export const COLUMN_PANELS: i32 = 10;
/** Which class is the sample's own (its place among the S), −1 for none: N words, padded with −1. */
export const LABELS: i32 = 11;
/** cos θ [S padded to 4, width], after the second pass dL/dcos θ divided by the row's norm; 0: not kept, every pass computes the cosines of its block anew. */
export const COSINES: i32 = 12;
/** 1/max(‖w‖, floor) [S] */
export const INVERSE: i32 = 13;
/** Blocks of classes to a work item. */
export const ITEM_BLOCKS: i32 = 14;
/** Of every item: largest logit [width] of 4 bytes, then the sum of exponentials [width] of 8. */
export const STATISTICS: i32 = 15;
/** Results: largest logit of the wrong classes [width], cosine of the right class [width], sum of exponentials [width] of 8 bytes. */
export const LARGEST: i32 = 16;
export const TARGET: i32 = 17;
export const TOTAL: i32 = 18;
/** log Σ exp over all classes, and dL/dcos θ at the right class: [width] each. */
export const LOG_SUM: i32 = 19;
export const TARGET_GRADIENT: i32 = 20;
/** Of every item: its share of dL/dx̂ [width, E padded to 8]; and the sum. */
export const SHARES: i32 = 21;
export const X_GRADIENT: i32 = 22;
/** Σ_n dL/dcos θ · cos θ of every class, divided by its norm: [S] */
export const PROJECTION: i32 = 23;
/** Result: dL/dw [S, E]. */
export const ROW_GRADIENT: i32 = 24;
/** Floats: s; τ, 0 for none; dL/dz of a wrong class is this times its probability; the floor of norms. */
export const SCALE: i32 = 25;
export const FILTER: i32 = 26;
export const FACTOR: i32 = 27;
export const FLOOR: i32 = 28;
/** Floats: the optimizer's rule; 1 for Nesterov's. */
export const RATE: i32 = 29;
export const MOMENTUM: i32 = 30;
export const DECAY: i32 = 31;
export const NESTEROV: i32 = 32;
/** E, and the address of the F column numbers that are compared; 0: all of them. */
export const TABLE_COLUMNS: i32 = 33;
export const CHOSEN: i32 = 34;

// @ts-ignore: decorator
@inline
export function word(plan: usize, field: i32): i32 {
  return load<i32>(plan + ((<usize>field) << 2));
}

// @ts-ignore: decorator
@inline
export function address(plan: usize, field: i32): usize {
  return <usize>load<u32>(plan + ((<usize>field) << 2));
}

// @ts-ignore: decorator
@inline
export function number(plan: usize, field: i32): f32 {
  return load<f32>(plan + ((<usize>field) << 2));
}

/** Columns of x̂ and w padded to a multiple of 8. */
// @ts-ignore: decorator
@inline
export function paddedColumns(plan: usize): i32 {
  return (word(plan, COLUMNS) + 7) & ~7;
}
