/** How the quality scores of a set of images are spread: a histogram as SVG. */
import * as Plot from "@observablehq/plot";
import { drawPlot } from "./drawSvg.js";
import { colorOf } from "./figures.js";

/** About so many bars; Plot rounds them to ends that can be read. */
const BARS = 40;

/** The figure, or undefined where there is no spread to see: fewer than two different scores. Scores must be finite. */
export function scoreHistogram(images: readonly { readonly score: number }[]): string | undefined {
  if (images.every(({ score }) => score === images[0].score)) return undefined;
  const figure = drawPlot({
    width: 900,
    height: 220,
    marginLeft: 54,
    x: { label: "score" },
    y: { label: "images", grid: true },
    marks: [
      Plot.rectY(
        images,
        Plot.binX<Plot.RectYOptions>({ y: "count" }, { x: { value: "score", thresholds: BARS }, fill: colorOf(0) }),
      ),
      Plot.ruleY([0]),
    ],
  });
  return figure.outerHTML;
}
