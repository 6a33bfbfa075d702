/**
 * How far rounding may part two computations of a head that sum in another order (one rank, or several).
 *
 * Logits and exponentials are the same numbers, row by row; the sums over N rows, C classes and E elements are ordered differently. So a
 * probability is off by some C·ε of itself, dL/dcos by as much times s·M/N (M: how steep the margin is), and the sums over classes or rows,
 * whose summands are at most Σ_j |dL/dcos_ij| ≤ 2·s·M/N a row, by N, C or E times ε more. A row's own length divides the result.
 */
import type { Engine } from "../../src/tensor/engine.js";
import type { Margin } from "../../src/pfc/margins/margin.js";
import type { HeadProblem } from "../arbitraries/headProblems.js";
import { answer } from "./answer.js";
import { exact, roundingOf } from "../engines.js";

/** Lengths below which normalisation divides by this instead (specification of Partial FC, section 3). */
const SHORTEST = 1e-12;

export interface HeadBounds {
  readonly loss: number;
  /** [N·E] */
  readonly dx: readonly number[];
  /** [C·E] */
  readonly dw: readonly number[];
}

/** Of the first step. `engine`: whose rounding counts. */
export function headBounds(engine: Engine, problem: HeadProblem, margin: Margin): HeadBounds {
  const { classes, embedding, centers, batches } = problem;
  const [{ labels, embeddings }] = batches;
  // in float32 the cosines themselves may be blocked differently: E roundings more, times s, in an exponent
  const inLogits = engine.float === "float64" ? 0 : margin.scale * (embedding + 4);
  const roundings = 4 * (labels.length + classes + embedding + 16 + inLogits) * roundingOf(engine);
  const steepness = 2 * margin.scale * steepest(problem, margin);
  const byLength = (rows: Float64Array, factor: number): number[] =>
    Array.from(rows, (_, i) => {
      const row = Math.floor(i / embedding) * embedding;
      return factor / Math.max(Math.hypot(...rows.subarray(row, row + embedding)), SHORTEST);
    });
  return {
    loss: roundings * 70, // no row costs more than 69.08
    dx: byLength(embeddings, (roundings * steepness) / labels.length),
    dw: byLength(centers, roundings * steepness),
  };
}

/** M, the largest |dz/dcos|/s at the target cosines of the batch; 1 at least, as at all others. */
function steepest({ embedding, centers, batches: [{ labels, embeddings }] }: HeadProblem, margin: Margin): number {
  const cosines = labels.map((label, i) => {
    const x = embeddings.subarray(i * embedding, (i + 1) * embedding);
    const w = centers.subarray(label * embedding, (label + 1) * embedding);
    const product = x.reduce((sum, value, e) => sum + value * w[e], 0);
    const cosine = product / Math.max(Math.hypot(...x) * Math.hypot(...w), SHORTEST);
    return Math.min(1, Math.max(-1, cosine));
  });
  const column = new Int32Array(labels.length);
  const { gradient } = answer(exact, cosines, [labels.length, 1], (x) => margin.logits(x, column));
  return gradient.reduce((largest, slope) => Math.max(largest, Math.abs(slope) / margin.scale), 1);
}
