/**
 * Where sampling stops to pay: the ratio at which a step that samples takes as long as the step with all centers.
 *
 * With r = 1 nothing is drawn and labels need no renumbering, so that step is cheaper than the line through the others would have
 * it at r = 1. Where the measured points reach its time, the place is interpolated between them; else the line is followed.
 */
import type { Line, Point } from "./fitLine.js";

export interface Crossover {
  /** r above which sampling costs more than it saves; in (0, 1). */
  readonly ratio: number;
  /** "measured": between two measured ratios, or below the smallest. "line": beyond them, by the fitted line. */
  readonly from: "measured" | "line";
}

/**
 * @param sampled times of the ratios below 1, ascending: x is r
 * @param full the time of r = 1
 * @param line through the sampled points, if there is one
 * @returns undefined where sampling pays at every ratio below 1
 */
export function crossoverOf(sampled: readonly Point[], full: number, line?: Line): Crossover | undefined {
  const slower = sampled.findIndex(({ y }) => y >= full);
  if (slower === 0) return { ratio: sampled[0].x, from: "measured" };
  if (slower > 0) {
    const [below, above] = [sampled[slower - 1], sampled[slower]];
    const share = (full - below.y) / (above.y - below.y);
    return { ratio: below.x + share * (above.x - below.x), from: "measured" };
  }
  if (line === undefined || line.slope <= 0) return undefined;
  const ratio = (full - line.fixed) / line.slope;
  const last = sampled.at(-1)?.x ?? 0;
  return ratio > last && ratio < 1 ? { ratio, from: "line" } : undefined;
}
