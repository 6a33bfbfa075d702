/**
 * What float32 may lose in nearestRows. The largest and the second largest of K scores move by the largest error of a score at most; the
 * index is certain where the best score leads by more than two such errors, and nothing is promised where it does not.
 */
import type { FloatArray } from "../../engine.js";
import type { NearestArrays } from "../reference/nearestRows.js";

/** index: 0 or ∞, best, second: [N] each. errors: [N, K], of the scores. */
export function nearestErrors({ best, second }: NearestArrays, errors: FloatArray): NearestArrays {
  const count = best.length;
  const columns = errors.length / count;
  const largest = new Float64Array(count);
  for (let i = 0; i < errors.length; i++) {
    const row = Math.floor(i / columns);
    largest[row] = Math.max(largest[row], errors[i]);
  }
  const index = largest.map((error, row) => (error === 0 || best[row] - second[row] > 2 * error ? 0 : Infinity));
  return { index, best: largest, second: largest };
}
