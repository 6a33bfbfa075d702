/** From the measurements of a sweep to what it says: the line, where the fixed cost takes over, where sampling stops to pay. */
import { crossoverOf } from "./crossover.js";
import { fitLine } from "./fitLine.js";
import type { MeasurementLine, RatiosLine } from "./lines.js";
import { ratiosByRound, summarize } from "./statistics.js";

/** `measurements` of one variant; `settings.ratio` says of which r each is. */
export function ratiosLine(variant: string, measurements: readonly MeasurementLine[]): RatiosLine {
  const points = measurements
    .map((line) => ({ line, x: Number(line.settings.ratio), y: line.median }))
    .sort((a, b) => a.x - b.x);
  const full = points.find(({ x }) => x === 1);
  const sampled = points.filter(({ x }) => x < 1);
  const line = fitLine(sampled);
  const largest = points.at(-1);
  const boundSlope = largest?.line.bound && largest.line.bound.seconds / largest.x;
  return {
    kind: "ratios",
    variant,
    ...(line && { line, balance: line.fixed / line.slope }),
    ...(line && boundSlope !== undefined && { slopeFraction: boundSlope / line.slope }),
    relative: full
      ? points.map((point) => ({
          ratio: point.x,
          time: summarize(ratiosByRound(full.line.samples, point.line.samples)),
        }))
      : [],
    ...(full && { crossover: crossoverOf(sampled, full.y, line) }),
    busy: measurements.some(({ busy }) => busy),
  };
}
