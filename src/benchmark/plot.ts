/** What the figures of a benchmark share: logarithmic axes, and labels that can be read. */
import * as Plot from "@observablehq/plot";
import { moveApart } from "../training/report/drawSvg.js";

export interface Figure {
  /** Name of the SVG file, without its ending. */
  readonly file: string;
  readonly title: string;
  /** How to read it. */
  readonly note: string;
  readonly svg: string;
  /** Pixels, so that the words beneath are no wider than the figure. */
  readonly width: number;
}

/** A logarithmic axis over these values, with labels at 1, 2 and 5 of each power; over more than three powers at 1 alone. */
export function logAxis(label: string, values: readonly number[], format: (tick: number) => string): Plot.ScaleOptions {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const steps = high / low > 1000 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const step of steps) ticks.push(Number(`${step}e${power}`));
  }
  const shown = ticks.filter((tick) => tick >= low && tick <= high);
  return { type: "log", label, domain: [low, high], ticks: shown, tickFormat: format, grid: true };
}

/** Numbers from low to high, each the same multiple of the one before. */
export function geometric(low: number, high: number, count = 60): number[] {
  return Array.from({ length: count }, (_, i) => low * (high / low) ** (i / (count - 1)));
}

export interface Label {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly color: string;
}

/** Labels beside the ends of curves on a logarithmic axis from low to high, moved apart where they would lie over each other. */
export function endLabels(labels: readonly Label[], low: number, high: number): Plot.Text {
  const heights = moveApart(labels.map(({ y }) => Math.log(y)), Math.log(low), Math.log(high)); // prettier-ignore
  const apart = labels.map((label, i) => ({ ...label, y: Math.exp(heights[i]) }));
  return Plot.text(apart, { x: "x", y: "y", text: "text", fill: "color", textAnchor: "start", dx: 9, clip: false });
}
