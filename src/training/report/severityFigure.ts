/** The mean quality of images over how badly they were degraded, a line for each kind of degradation. */
import type { Figure } from "./figures.js";
import { namedLines } from "./namedLines.js";

export interface SeverityLine {
  /** Of the degradation. */
  readonly name: string;
  /** By rising severity. */
  readonly points: readonly { readonly severity: number; readonly score: number }[];
}

/** Throws as `namedLines`. */
export function severityFigure(title: string, lines: readonly SeverityLine[]): Figure {
  const scores = lines.flatMap(({ points }) => points.map(({ score }) => score));
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  const air = 0.05 * (high - low) || 0.5; // a score that never changes lies in the middle
  return namedLines(
    title,
    lines.map(({ name, points }) => ({
      name,
      points: points.map(({ severity, score }) => ({ x: severity, y: score })),
    })),
    { x: { label: "severity" }, y: { label: "mean score" }, range: [low - air, high + air], dots: true },
  );
}
