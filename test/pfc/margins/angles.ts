/**
 * A margin asked about one angle a row, for tests: cosines [N, 3] with the target in column 1.
 *
 * Runs on `reference` in float64, so that a tolerance of 1e-12 times the scale is rounding.
 */
import { parameter } from "../../../src/autograd/index.js";
import type { Margin } from "../../../src/pfc/margins/margin.js";
import { ReferenceEngine } from "../../../src/tensor/engines/reference/index.js";

export const degrees = (angle: number): number => (angle * Math.PI) / 180;
export const allDegrees = Array.from({ length: 181 }, (_, angle) => degrees(angle));

/** Cosines of the other two classes of every row. */
export const OTHERS = [0.3, -0.2] as const;

export interface Answer {
  /** Logit of the target, of each row. */
  readonly target: number[];
  /** Its derivative with respect to the target's cosine. */
  readonly slope: number[];
  /** Logits of the other classes: [N][2]. */
  readonly others: number[][];
  readonly otherSlopes: number[][];
}

export function ask(margin: Margin, targetCosines: readonly number[], label = 1): Answer {
  const engine = new ReferenceEngine("float64");
  const rows = targetCosines.map((cosine) => [OTHERS[0], cosine, OTHERS[1]]);
  const cosine = parameter(engine.tensor(rows.flat(), [rows.length, 3]));
  const logits = margin.logits(cosine, new Int32Array(rows.length).fill(label));
  logits.backward(engine.full(logits.shape, 1));
  const values = Array.from(logits.dataSync());
  const slopes = Array.from(cosine.grad!.dataSync());
  const column = (of: number[], j: number): number[] => rows.map((_, i) => of[3 * i + j]);
  const outer = (of: number[]): number[][] => rows.map((_, i) => [of[3 * i], of[3 * i + 2]]);
  return { target: column(values, 1), slope: column(slopes, 1), others: outer(values), otherSlopes: outer(slopes) };
}

/** |a − b| within `tolerance`, element by element. */
export function near(a: readonly number[], b: readonly number[], tolerance: number): boolean {
  return a.length === b.length && a.every((value, i) => Math.abs(value - b[i]) <= tolerance);
}
