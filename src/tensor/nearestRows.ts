/**
 * The row of a table that answers a query best, and how far the next one is behind: what k-means asks of an engine.
 *
 * The score of query x_i and row c_j is ⟨x_i, c_j⟩ + b_j. With b_j = −‖c_j‖²/2 the best row is the nearest one in Euclidean distance,
 * because ‖x − c‖² = ‖x‖² − 2 (⟨x, c⟩ + b); with b = 0 it is the one of the largest inner product. The second best score is what
 * exact pruning needs.
 */
import { formatShape } from "./shape.js";
import type { Tensor } from "./tensor.js";

export interface NearestRows {
  /** Row numbers, of the lowest number where several rows are best; whole numbers, exact in float32: [N] */
  readonly index: Tensor;
  /** The largest score: [N] */
  readonly best: Tensor;
  /** The largest score of the other rows (the same as `best` where two rows are best); NO_SCORE where there is no other: [N] */
  readonly second: Tensor;
}

/** Below every score; what is not above it (NaN too) never wins. A row without any score has index 0 and this as its best. */
export const NO_SCORE = -3e38;

/** Row numbers from here on are not all exact in float32. */
const FIRST_INEXACT = 2 ** 24;

/**
 * x: [N, M], centers: [K, M], bias: [K]
 *
 * @throws Error where shapes do not fit, without rows to choose from, or with more than 2^24, whose numbers float32 does not hold
 */
export function checkNearestRows(x: Tensor, centers: Tensor, bias: Tensor): void {
  const [rows, columns] = centers.shape;
  const fit =
    x.rank === 2 &&
    centers.rank === 2 &&
    x.shape[1] === columns &&
    columns > 0 &&
    bias.rank === 1 &&
    bias.shape[0] === rows;
  if (!fit) {
    const given = [x, centers, bias].map(({ shape }) => formatShape(shape)).join(", ");
    throw new Error(`nearestRows: queries [N, M] meet centers [K, M] and a bias [K], M not 0; given ${given}.`);
  }
  if (rows < 1 || rows > FIRST_INEXACT) {
    throw new Error(
      `nearestRows: the number of a row is kept in float32, exact for 1 to ${FIRST_INEXACT} rows; given ${rows}.`,
    );
  }
}
