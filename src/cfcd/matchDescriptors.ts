/**
 * Which cells of two feature maps show the same detail (CFCD, section 3.3): those of the anchor image against those of a positive one.
 *
 * A cell's descriptor is its row of the map, brought to length one; D_ij = |a_i − p_j|. The pair (i, j) is kept if
 * - each is the nearest of the other: i = argmin_i' D_i'j, j = argmin_j' D_ij';
 * - it is clearly the nearest: D_ij is at most `ratio` of the second smallest number of its column (Lowe's test, from the positive's side);
 * - the positive's cell is prominent: among the share `prominent` of its image's cells with the largest Σ_c |f_c|.
 *
 * Of unit rows D² = 2 − 2⟨a, p⟩. In float32 that is exact to some 1e-7, so that pairs at the edge of a test may fall to either side; where
 * the second distance is no more than that, two cells are as near as rounding can tell, and neither is clearly the nearest (a background has
 * many such cells). Of equal numbers the first counts. A cell of zeros has no direction: its products are 0 and it counts as a right angle
 * away from all.
 *
 * Nothing of this is differentiated, and it is decided on the host, from the best and second best product of every cell (`nearestRows`), so
 * that the engine has to compute at once.
 */
import type { FloatArray } from "../tensor/engine.js";
import { formatShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

export interface MatchOptions {
  /** Largest D_ij over the second smallest distance of the column, default 0.9. Infinity leaves the test out. */
  readonly ratio?: number;
  /** Share of the positive's cells that count as prominent, ⌊share · K⌋ of them; default 0.5. 1 leaves the test out. */
  readonly prominent?: number;
}

/** Cells that show the same: pair k is cell anchor[k] and cell positive[k]; by ascending positive. */
export interface Matches {
  readonly anchor: Int32Array;
  readonly positive: Int32Array;
  /** D of each pair. */
  readonly distance: Float64Array;
}

/** Smaller distances are 0 as far as float32 can tell: 2⟨a, p⟩ is off by 2^-19 at most. */
const RESOLUTION = Math.sqrt(2 ** -19);

/**
 * Parameters are of one pair of images; rows have length one.
 *
 * @param anchor [K, D]
 * @param positive [L, D]
 * @param attention Σ_c |f_c| of the positive's cells: L
 * @throws Error where sizes do not fit, or as `checkMatchOptions`
 */
export function matchDescriptors(
  anchor: Tensor,
  positive: Tensor,
  attention: ArrayLike<number>,
  options: MatchOptions = {},
): Matches {
  const { ratio = 0.9, prominent = 0.5 } = options;
  checkMatchOptions(options);
  checkSizes(anchor, positive, attention);
  const [ofAnchor, ofPositive] = [nearestOf(anchor, positive), nearestOf(positive, anchor)];
  const columns = attention.length;
  const stands = largest(attention, Math.floor(prominent * columns));
  const pairs: { readonly i: number; readonly j: number; readonly distance: number }[] = [];
  for (let j = 0; j < columns; j++) {
    const i = ofPositive.index[j];
    const [distance, next] = [distanceOf(ofPositive.best[j]), distanceOf(ofPositive.second[j])];
    const isClear = ratio === Infinity || (next > RESOLUTION && distance <= ratio * next);
    if (stands.has(j) && ofAnchor.index[i] === j && isClear) pairs.push({ i, j, distance });
  }
  return {
    anchor: Int32Array.from(pairs, ({ i }) => i),
    positive: Int32Array.from(pairs, ({ j }) => j),
    distance: Float64Array.from(pairs, ({ distance }) => distance),
  };
}

/** @throws Error unless the ratio is positive and the share lies in (0, 1]. */
export function checkMatchOptions({ ratio = 0.9, prominent = 0.5 }: MatchOptions): void {
  if (ratio > 0 && prominent > 0 && prominent <= 1) return;
  throw new Error(
    `local descriptors: the ratio of the nearest to the second distance is positive, and the prominent cells are a share above 0 and at ` +
      `most 1; given ${ratio} and ${prominent}.`,
  );
}

function checkSizes({ shape: a }: Tensor, { shape: p }: Tensor, { length }: ArrayLike<number>): void {
  if (a.length === 2 && p.length === 2 && a[1] === p[1] && p[0] === length) return;
  throw new Error(
    `local descriptors: cells are matrices with one row a cell and as many channels in both images, and there is an attention for each of the ` +
      `positive's; given ${formatShape(a)}, ${formatShape(p)} and ${length}.`,
  );
}

/** The row of `among` nearest to each of x, its product, and the second largest. x: [K, D], among: [L, D] → K numbers each */
export function nearestOf(x: Tensor, among: Tensor): { index: FloatArray; best: FloatArray; second: FloatArray } {
  const { engine } = x;
  const { index, best, second } = engine.nearestRows(x, among, engine.full([among.shape[0]], 0));
  return { index: index.dataSync(), best: best.dataSync(), second: second.dataSync() };
}

/** |a − p| of unit rows. */
function distanceOf(product: number): number {
  return Math.sqrt(Math.max(0, 2 - 2 * product));
}

/** The places of the `count` largest numbers; of equal ones the first. */
function largest(values: ArrayLike<number>, count: number): Set<number> {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[b] - values[a] || a - b);
  return new Set(order.slice(0, count));
}
