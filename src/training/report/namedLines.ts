/** Lines that are compared, each with its name at its end: what figures of quality scores have in common. */
import * as Plot from "@observablehq/plot";
import { drawSvg, moveApart } from "./drawSvg.js";
import { colorOf, type Figure } from "./figures.js";

/** Pixels: the plot with the margin at its left, and the widest that a letter of 12 pixels is on average. */
const PLOT_WIDTH = 490;
const LETTER = 7;

export interface NamedLine {
  readonly name: string;
  /** By rising x; two or more. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** For what is only there to compare with. */
  readonly dashed?: boolean;
}

export interface LineAxes {
  readonly x: Plot.ScaleOptions;
  readonly y: Plot.ScaleOptions;
  /** Of y: both ends. */
  readonly range: readonly [low: number, high: number];
  /** Points are measured ones: drawn as dots too. */
  readonly dots?: boolean;
}

/**
 * The figure of these lines, coloured in their order. Names differ, and are dark whatever the colour: a thread of it leads to them.
 *
 * Throws when there is no line, when one has fewer than two points, and when two have the same name.
 */
export function namedLines(title: string, lines: readonly NamedLine[], { x, y, range, dots }: LineAxes): Figure {
  const short = lines.find(({ points }) => points.length < 2);
  if (lines.length === 0 || short !== undefined || new Set(lines.map(({ name }) => name)).size < lines.length) {
    throw new Error(
      `${title}: a figure needs lines of different names, of two points or more each; given ${lines.map(({ name, points }) => `${name} (${points.length})`).join(", ") || "none"}.`,
    );
  }
  const [low, high] = range;
  const xs = lines.flatMap(({ points }) => points.map((point) => point.x));
  const [first, last] = [Math.min(...xs), Math.max(...xs)];
  const beside = last + 0.03 * (last - first);
  const heights = moveApart(lines.map(({ points }) => points[points.length - 1].y), low, high); // prettier-ignore
  const marks = lines.flatMap(({ name, points, dashed = false }, index) => {
    const style = { stroke: colorOf(index), strokeDasharray: dashed ? "5 3" : undefined, strokeWidth: 2 };
    const end = { ...points[points.length - 1], besideX: beside, besideY: heights[index], name };
    return [
      Plot.line(points, { x: "x", y: "y", ...style }),
      ...(dots ? [Plot.dot(points, { x: "x", y: "y", r: 3, fill: style.stroke })] : []),
      Plot.link([end], { x1: "x", y1: "y", x2: "besideX", y2: "besideY", ...style, strokeWidth: 1 }),
      Plot.text([end], { x: "besideX", y: "besideY", text: "name", fill: "#1b1e23", textAnchor: "start", dx: 4 }),
    ];
  });
  const marginRight = 32 + LETTER * Math.max(...lines.map(({ name }) => name.length));
  const svg = drawSvg({
    width: PLOT_WIDTH + marginRight,
    marginRight,
    x: { domain: [first, last], grid: true, labelAnchor: "center", ...x },
    y: { domain: [low, high], grid: true, ...y },
    marks,
  });
  return { title, svg };
}
