/**
 * Matrix products on the wasm heap: chooses blocks from the shape and runs the kernels of `kernels/matmul.ts`.
 *
 * Blocks depend on the shape alone, so that every number of threads sums in the same order.
 */
import type { Runtime } from "./runtime.js";

/** Elements of k to a block: a panel of B, 8 by 256 floats, is 8 KiB and stays in L1. */
const DEPTH_BLOCK = 256;
/** Rows of C to a block: 256 by 256 floats of A are 256 KiB and stay in L2. */
const ROW_BLOCK = 256;
/** Columns of C to a block: 64 floats of a row of B are four cache lines. */
const COLUMN_BLOCK = 64;
/** So many items at least, where the shape allows it, for threads to share. */
const ITEMS = 16;

export interface MatmulOptions {
  /** A is stored as [K, M]. */
  readonly transposeA?: boolean;
  /** B is stored as [N, K]. */
  readonly transposeB?: boolean;
}

/**
 * c = a · b for g matrices: [M, K] · [K, N] → [M, N], all row-major and contiguous.
 *
 * a, b, c: addresses of float32 arrays on the heap of `runtime`; c must not overlap the others. With k = 0, c becomes zero.
 */
export function matmul(
  runtime: Runtime,
  a: number,
  b: number,
  c: number,
  g: number,
  m: number,
  k: number,
  n: number,
  { transposeA = false, transposeB = false }: MatmulOptions = {},
): void {
  if (g * m * n === 0) return;
  const depthBlock = Math.min(DEPTH_BLOCK, Math.max(k, 1));
  const { rowBlock, columnBlock } = chooseBlocks(g, m, n);
  const work = 2 * g * m * k * n;
  let left = a;
  if (transposeA) {
    left = runtime.allocate(4 * g * m * k);
    const items = g * Math.ceil(m / 32) * Math.ceil(k / depthBlock);
    runtime.run("packTransposed", items, [a, left, m, k, depthBlock], 2 * g * m * k);
  }
  const items = g * Math.ceil(m / rowBlock) * Math.ceil(n / columnBlock);
  const args = [left, b, c, m, k, n, Number(transposeA), Number(transposeB), rowBlock, columnBlock, depthBlock];
  runtime.run("matmulBlocks", items, args, work, 192 + 4 * depthBlock * columnBlock);
  if (transposeA) runtime.release(left);
}

/** Full blocks, halved while there are too few to share. */
function chooseBlocks(g: number, m: number, n: number): { rowBlock: number; columnBlock: number } {
  let rowBlock = Math.min(ROW_BLOCK, 4 * Math.ceil(m / 4));
  let columnBlock = Math.min(COLUMN_BLOCK, 8 * Math.ceil(n / 8));
  const items = (): number => g * Math.ceil(m / rowBlock) * Math.ceil(n / columnBlock);
  while (items() < ITEMS && (rowBlock > 64 || columnBlock > 16)) {
    if (rowBlock > 64) rowBlock = 4 * Math.ceil(rowBlock / 8);
    else columnBlock = 8 * Math.ceil(columnBlock / 16);
  }
  return { rowBlock, columnBlock };
}
