/** Observable Plot without a browser: from marks to the text of an SVG; logarithmic axes and labels that can be read. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

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

/** Of a figure that says no other. */
export const WIDTH = 640;
const SIZE = { width: WIDTH, height: 360, marginTop: 28, marginLeft: 64, marginBottom: 44, marginRight: 150 };
const INNER_HEIGHT = SIZE.height - SIZE.marginTop - SIZE.marginBottom;
const LINE_HEIGHT = 14;

/** The SVG stands alone: it can be opened as a file. */
export function drawSvg(options: Plot.PlotOptions): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const figure = Plot.plot({ ...SIZE, style: { background: "white", fontSize: "12px" }, ...options, document });
  figure.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return figure.outerHTML;
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
  const step = (high / low) ** (LINE_HEIGHT / INNER_HEIGHT);
  let ceiling = Infinity;
  const apart = [...labels]
    .sort((a, b) => b.y - a.y)
    .map((label) => {
      const y = Math.min(label.y, ceiling);
      ceiling = y / step;
      return { ...label, y };
    });
  return Plot.text(apart, { x: "x", y: "y", text: "text", fill: "color", textAnchor: "start", dx: 9, clip: false });
}
