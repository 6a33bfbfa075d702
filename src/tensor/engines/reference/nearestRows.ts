/** The best and the second best score ⟨x_i, c_j⟩ + b_j of every row, in double precision: the definition. */
import type { FloatArray } from "../../engine.js";
import { NO_SCORE } from "../../nearestRows.js";

/** [N] each. */
export interface NearestArrays {
  readonly index: FloatArray;
  readonly best: FloatArray;
  readonly second: FloatArray;
}

/** x: [N, M], centers: [K, M], bias: [K], K and M not 0 */
export function nearestRows(x: FloatArray, centers: FloatArray, bias: FloatArray): NearestArrays {
  const columns = centers.length / bias.length;
  const rows = x.length / columns;
  const out = { index: new Float64Array(rows), best: new Float64Array(rows), second: new Float64Array(rows) };
  for (let i = 0; i < rows; i++) {
    let [index, best, second] = [0, NO_SCORE, NO_SCORE];
    for (let j = 0; j < bias.length; j++) {
      let score = 0;
      for (let k = 0; k < columns; k++) score += x[i * columns + k] * centers[j * columns + k];
      score += bias[j];
      if (score > best) [index, best, second] = [j, score, best];
      else if (score > second) second = score;
    }
    out.index[i] = index;
    out.best[i] = best;
    out.second[i] = second;
  }
  return out;
}
