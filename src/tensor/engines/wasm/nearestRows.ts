/** Best and second best scores of rows with a table of centers: addresses and blocks for kernels/nearestRows.ts. */
import { checkNearestRows, type NearestRows } from "../../nearestRows.js";
import type { Tensor } from "../../tensor.js";
import { pointerOf, withBlock, type Context } from "./context.js";

/** Rows of an item: with 256 columns 256 KiB, which stay in the second-level cache while the centers go by. */
const ROW_BLOCK = 256;
/** With fewer rows the panels of centers would be fetched for too little. */
const LEAST_ROW_BLOCK = 16;
/** So many items at least, where there are rows enough, for threads to share. */
const ITEMS = 16;

/** x: [N, M], centers: [K, M], bias: [K] → [N] each. Holds a copy of the centers while it runs. */
export function nearestRows(context: Context, x: Tensor, centers: Tensor, bias: Tensor): NearestRows {
  checkNearestRows(x, centers, bias);
  const name = "nearestRows";
  const [from, table, biases] = [x, centers, bias].map((tensor) => pointerOf(context, tensor, name));
  const [n, m] = x.shape;
  const k = centers.shape[0];
  const panels = Math.ceil(k / 8);
  const results = { index: context.make([n]), best: context.make([n]), second: context.make([n]) };
  if (n === 0) return results;
  const to = [results.index, results.best, results.second].map((tensor) => pointerOf(context, tensor, name));
  let rowBlock = Math.min(ROW_BLOCK, 4 * Math.ceil(n / 4));
  while (rowBlock > LEAST_ROW_BLOCK && Math.ceil(n / rowBlock) < ITEMS) rowBlock = 4 * Math.ceil(rowBlock / 8);
  withBlock(context, panels * 8 * (m + 1) * 4, (packed) => {
    const packedBias = packed + panels * 8 * m * 4;
    context.run("packCenters", panels, [table, biases, packed, packedBias, k, m], 2 * k * m);
    const args = [from, packed, packedBias, ...to, n, m, panels, rowBlock];
    context.run(name, Math.ceil(n / rowBlock), args, 2 * n * m * k, 64 + 32 * rowBlock);
  });
  return results;
}
