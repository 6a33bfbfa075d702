/** Figures of works side by side: what fraction of its bound each reaches, and how long it takes. */
import * as Plot from "@observablehq/plot";
import { drawSvg } from "../training/report/drawSvg.js";
import { colorOf } from "../training/report/figures.js";
import { digits, percent, time } from "./inWords.js";
import { linesOf, type BenchmarkLine, type MeasurementLine } from "./lines.js";
import type { Figure } from "./plot.js";

const ROW = 26;
const WIDTH = 940;
/** Pixels of a letter, about. */
const LETTER = 6.4;

/** Bars from 0 to what would be the end of all optimisation; limits and works without a bound are left out. */
export function fractionFigure(lines: readonly BenchmarkLine[]): Figure | undefined {
  const bars = linesOf(lines, "measurement").filter(({ fraction }) => fraction !== undefined);
  if (bars.length === 0) return undefined;
  const svg = drawBars(bars, {
    x: {
      label: "share of the bound, %",
      domain: [0, Math.max(100, ...bars.map((line) => 100 * line.fraction!))],
      grid: true,
    },
    value: ({ fraction = 0 }) => 100 * fraction,
    text: ({ fraction = 0, bound, busy }) => `${percent(fraction)} of ${bound?.by}${busy ? ", busy" : ""}`,
    marks: [Plot.ruleX([100], { stroke: "#333", strokeDasharray: "4 3" })],
  });
  const note =
    "The least time that operations and memory traffic allow at the limits measured beside, over the time taken. Pale: the machine was busy. Beyond 100 %: operands stayed in a cache.";
  return { file: "fraction-of-bound", title: "Share of the bound", note, svg, width: WIDTH };
}

/** Times of works and their parts, where they are of one size: the parts of a training step, or alternatives of one head. */
export function timesFigure(lines: readonly BenchmarkLine[]): Figure | undefined {
  const bars = linesOf(lines, "measurement").filter(
    ({ name }) => !name.startsWith("limit") && !name.startsWith("dispatch"),
  );
  if (bars.length === 0) return undefined;
  const svg = drawBars(bars, {
    x: { label: "milliseconds", grid: true, zero: true },
    value: ({ median }) => 1e3 * median,
    end: ({ high }) => 1e3 * high,
    text: ({ median, operations, busy }) =>
      `${time(median)}${operations ? `, ${digits(operations / median / 1e9)} GFLOP/s` : ""}${busy ? ", busy" : ""}`,
    marks: [
      Plot.ruleY(bars, {
        x1: ({ low }: MeasurementLine) => 1e3 * low,
        x2: ({ high }: MeasurementLine) => 1e3 * high,
        y: labelOf,
        stroke: "#333",
      }),
    ],
  });
  return {
    file: "times",
    title: "Time of a call",
    note: "Medians; the thin line reaches from the 10th to the 90th percentile.",
    svg,
    width: WIDTH,
  };
}

interface Bars {
  readonly x: Plot.ScaleOptions;
  readonly value: (line: MeasurementLine) => number;
  /** Where the text begins, if not at the value. */
  readonly end?: (line: MeasurementLine) => number;
  readonly text: (line: MeasurementLine) => string;
  readonly marks: Plot.Markish[];
}

/** One bar a measurement, in their order; a colour a variant. */
function drawBars(bars: readonly MeasurementLine[], { x, value, end = value, text, marks }: Bars): string {
  const variants = [...new Set(bars.map(({ variant }) => variant))];
  return drawSvg({
    width: WIDTH,
    height: ROW * bars.length + 70,
    marginLeft: 16 + LETTER * Math.max(...bars.map((bar) => labelOf(bar).length)),
    marginRight: 190,
    x: { ...x, labelAnchor: "center", labelArrow: "none" },
    y: { domain: bars.map(labelOf), label: null },
    marks: [
      Plot.barX([...bars], {
        ...{ x: value, y: labelOf, insetTop: 2, insetBottom: 2 },
        fill: ({ variant }: MeasurementLine) => colorOf(variants.indexOf(variant)),
        fillOpacity: ({ busy }: MeasurementLine) => (busy ? 0.35 : 0.85),
      }),
      ...marks,
      Plot.text([...bars], { x: end, y: labelOf, text, textAnchor: "start", dx: 6, stroke: "white", fill: "black" }),
      Plot.ruleX([0]),
    ],
  });
}

function labelOf({ name, variant }: MeasurementLine): string {
  return variant === "" ? name : `${name} · ${variant}`;
}
