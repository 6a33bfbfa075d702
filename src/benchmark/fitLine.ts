/**
 * y = fixed + slope · x through measured times, by least squares of the relative errors, made robust (Huber 1964).
 *
 * Relative, because times of a sweep range over a factor of a hundred and are all known to the same percentage. Robust, because one
 * point that was disturbed should not turn the line: a residual beyond 1.345 deviations counts by its size and not by its square.
 */
import { quantile } from "./statistics.js";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Line {
  /** y at x = 0, never below 0. */
  readonly fixed: number;
  readonly slope: number;
}

const ROUNDS = 50;
/** Huber's constant: as good as least squares to 5 % where errors are normal. */
const HUBER = 1.345;

/** undefined where fewer than two different x are given: any line would do. All y are above 0. */
export function fitLine(points: readonly Point[]): Line | undefined {
  if (new Set(points.map(({ x }) => x)).size < 2) return undefined;
  const relative = points.map(({ y }) => 1 / (y * y));
  let line = solve(points, relative);
  for (let round = 0; round < ROUNDS; round++) {
    const errors = points.map(({ x, y }) => Math.abs(y - line.fixed - line.slope * x) / y);
    const deviation = 1.4826 * quantile(errors, 0.5); // of normal errors, from their median size
    if (deviation < 1e-12) break; // most points lie on the line
    line = solve(
      points,
      relative.map((weight, i) => weight * Math.min(1, (HUBER * deviation) / errors[i])),
    );
  }
  return line;
}

/** Weighted least squares; a negative fixed part means none: then the line through the origin. */
function solve(points: readonly Point[], weights: readonly number[]): Line {
  const sum = (term: (point: Point) => number): number =>
    points.reduce((total, point, i) => total + weights[i] * term(point), 0);
  const [w, x, y] = [sum(() => 1), sum((p) => p.x), sum((p) => p.y)];
  const [xx, xy] = [sum((p) => p.x * p.x), sum((p) => p.x * p.y)];
  const slope = (w * xy - x * y) / (w * xx - x * x);
  const fixed = (y - slope * x) / w;
  return fixed >= 0 ? { fixed, slope } : { fixed: 0, slope: xy / xx };
}
