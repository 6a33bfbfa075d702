/** Observable Plot without a browser: from marks to the text of an SVG that stands alone, and labels at the ends of its curves. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** Pixels, of a figure that says no other. */
export const WIDTH = 640;
const SIZE = { width: WIDTH, height: 360, marginTop: 28, marginLeft: 64, marginBottom: 44, marginRight: 150 };
const INNER_HEIGHT = SIZE.height - SIZE.marginTop - SIZE.marginBottom;
const LINE_HEIGHT = 14;

/** What Plot draws, as an element: its `outerHTML` belongs in a page. */
export function drawPlot(options: Plot.PlotOptions): ReturnType<typeof Plot.plot> {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  return Plot.plot({ ...options, document });
}

/** The SVG can be opened as a file. */
export function drawSvg(options: Plot.PlotOptions): string {
  const figure = drawPlot({ ...SIZE, style: { background: "white", fontSize: "12px" }, ...options });
  figure.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return figure.outerHTML;
}

/**
 * Heights of labels of one line each on a linear axis from low to high: their own, moved apart where they would lie over each other.
 *
 * They are moved down, and where they would leave the axis there, up again. In the order given.
 */
export function moveApart(heights: readonly number[], low: number, high: number): number[] {
  const step = ((high - low) * LINE_HEIGHT) / INNER_HEIGHT;
  const moved = [...heights];
  const downwards = [...heights.keys()].sort((a, b) => heights[b] - heights[a]);
  let ceiling = Infinity;
  for (const label of downwards) {
    moved[label] = Math.min(moved[label], ceiling);
    ceiling = moved[label] - step;
  }
  let floor = low;
  for (const label of downwards.reverse()) {
    moved[label] = Math.max(moved[label], floor);
    floor = moved[label] + step;
  }
  return moved;
}
