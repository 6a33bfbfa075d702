/**
 * Figures of a sweep, of the ratio or of the number of classes: measured points, and the cost model drawn over them.
 *
 * Both axes are logarithmic: a cost that follows r or C is a straight line that climbs one power a power, a fixed cost is a level one.
 */
import * as Plot from "@observablehq/plot";
import { drawSvg, WIDTH } from "../training/report/drawSvg.js";
import { colorOf } from "../training/report/figures.js";
import { count, digits } from "./inWords.js";
import { linesOf, type BenchmarkLine, type MeasurementLine } from "./lines.js";
import { memoryCurves, timeCurves, type CurvePoint, type SweptSetting } from "./modelCurves.js";
import { endLabels, geometric, logAxis, type Figure, type Label } from "./plot.js";

const GREYS = ["#666", "#999", "#444"];
const DASHES = ["6 3", "2 3", "10 3"];

/** Milliseconds of a step: points with whiskers from 10 % to 90 %, hollow where the machine was busy; the fitted line; the bounds. */
export function timeFigure(lines: readonly BenchmarkLine[], swept: SweptSetting): Figure | undefined {
  const measured = sweptSteps(lines, swept).map(({ line, x }) => {
    const { variant, busy, median, low, high } = line;
    return { x, y: 1e3 * median, low: 1e3 * low, high: 1e3 * high, variant, busy };
  });
  const xs = measured.map(({ x }) => x);
  if (new Set(xs).size < 2) return undefined;
  const variants = [...new Set(measured.map(({ variant }) => variant))];
  const color = (variant: string): string => colorOf(variants.indexOf(variant));
  const fitted = linesOf(lines, "ratios").flatMap(({ variant, line }) =>
    line
      ? geometric(Math.min(...xs), Math.max(...xs)).map((x) => ({ x, y: 1e3 * (line.fixed + line.slope * x), variant }))
      : [],
  );
  const bounds = timeCurves(lines, swept);
  const ys = [...measured.flatMap(({ low, high }) => [low, high]), ...[...bounds, ...fitted].map(({ y }) => y)];
  const last = variants.map((variant): Label => {
    const { x, y } = measured.findLast((point) => point.variant === variant)!;
    return { x, y, text: variant === "" ? "measured" : variant, color: color(variant) };
  });
  const svg = drawSvg({
    ...axes(swept, xs, "milliseconds a step", ys),
    marks: [
      ...curveMarks(bounds),
      Plot.line(fitted, {
        x: "x",
        y: "y",
        z: "variant",
        stroke: ({ variant }: { variant: string }) => color(variant),
        strokeOpacity: 0.55,
      }),
      Plot.ruleX(measured, {
        x: "x",
        y1: "low",
        y2: "high",
        stroke: ({ variant }: { variant: string }) => color(variant),
        strokeWidth: 2,
      }),
      Plot.dot(measured, {
        ...{ x: "x", y: "y", r: 4, strokeWidth: 1.5, stroke: ({ variant }: { variant: string }) => color(variant) },
        fill: ({ busy, variant }: { busy: boolean; variant: string }) => (busy ? "white" : color(variant)),
      }),
      endLabels([...last, ...curveLabels(bounds)], Math.min(...ys), Math.max(...ys)),
    ],
  });
  const fit = fitted.length > 0 ? " Coloured line: fixed + r · slope, fitted to the points below r = 1." : "";
  return {
    file: `time-over-${swept}`,
    title: swept === "ratio" ? "Time of a step over the sampling ratio" : "Time of a step over the number of classes",
    note: `Points: medians with the 10th and 90th percentile, hollow where the machine was busy.${fit} Dashed and dotted: what the operations (6·N·rC·d) and the memory traffic (centers and momentum of the sample, read and written) take at the measured limits.`,
    svg,
    width: WIDTH,
  };
}

/** Time of r over time of r = 1, round by round; the diagonal is a step whose time follows r alone. */
export function relativeFigure(lines: readonly BenchmarkLine[]): Figure | undefined {
  const sweeps = linesOf(lines, "ratios").filter(({ relative }) => relative.length > 1);
  if (sweeps.length === 0) return undefined;
  const points = sweeps.flatMap(({ relative, variant, busy }, index) =>
    relative.map(({ ratio: x, time: { median: y, low, high } }) => ({
      x,
      y,
      low,
      high,
      variant,
      busy,
      color: colorOf(index),
    })),
  );
  const xs = points.map(({ x }) => x);
  const diagonal = [Math.min(...xs), 1].map((x) => ({ x, y: x }));
  const ys = [...points.flatMap(({ low, high }) => [low, high]), ...diagonal.map(({ y }) => y)];
  const names = sweeps.map(({ variant }, index): Label => {
    const { x, y } = points.findLast((point) => point.variant === variant)!;
    return { x, y, text: variant === "" ? "measured" : variant, color: colorOf(index) };
  });
  const crossings = sweeps.flatMap(({ crossover }, index) =>
    crossover ? [{ x: crossover.ratio, color: colorOf(index), text: `pays below ${digits(crossover.ratio)}` }] : [],
  );
  const svg = drawSvg({
    ...axes("ratio", xs, "time of a step, r = 1 is 1", ys),
    marks: [
      Plot.line(diagonal, { x: "x", y: "y", stroke: GREYS[0], strokeDasharray: DASHES[0] }),
      Plot.ruleY([1], { stroke: "#bbb" }),
      Plot.ruleX(crossings, { x: "x", stroke: "color", strokeDasharray: "2 2" }),
      ...crossings.map((crossing, index) => {
        const place = { frameAnchor: "top", textAnchor: "end", dx: -6, dy: 20 + 16 * index } as const;
        return Plot.text([crossing], { x: "x", text: "text", fill: "color", stroke: "white", ...place });
      }),
      Plot.line(points, { x: "x", y: "y", z: "variant", stroke: "color", strokeOpacity: 0.55 }),
      Plot.ruleX(points, { x: "x", y1: "low", y2: "high", stroke: "color", strokeWidth: 2 }),
      Plot.dot(points, {
        x: "x",
        y: "y",
        r: 4,
        stroke: "color",
        strokeWidth: 1.5,
        fill: ({ busy, color }: { busy: boolean; color: string }) => (busy ? "white" : color),
      }),
      endLabels(
        [...names, { ...diagonal[1], y: 0.8, text: "time follows r", color: GREYS[0] }],
        Math.min(...ys),
        Math.max(...ys),
      ),
    ],
  });
  const note =
    "Ratios of times of the same round, with the 10th and 90th percentile: what disturbs the machine disturbs both. A vertical line: above it the full softmax is as fast.";
  return { file: "time-relative", title: "Time against the full softmax", note, svg, width: WIDTH };
}

/** What the cost model says of memory; with it the peak of the process, where it was measured. */
export function memoryFigure(lines: readonly BenchmarkLine[], swept: SweptSetting): Figure | undefined {
  const curves = memoryCurves(lines, swept);
  const peaks =
    swept === "classes"
      ? linesOf(lines, "memory").map(({ classes, peakBytes }) => ({ x: classes, y: peakBytes / 1e6 }))
      : [];
  const xs = curves.map(({ x }) => x);
  if (new Set(xs).size < 2) return undefined;
  const ys = [...curves, ...peaks].map(({ y }) => y);
  const labels = peaks.length > 0 ? [{ ...peaks.at(-1)!, text: "peak of the process", color: colorOf(0) }] : [];
  const svg = drawSvg({
    ...axes(swept, xs, "megabytes", ys),
    marks: [
      ...curveMarks(curves),
      Plot.dot(peaks, { x: "x", y: "y", r: 4, fill: colorOf(0) }),
      endLabels([...labels, ...curveLabels(curves)], Math.min(...ys), Math.max(...ys)),
    ],
  });
  const measured = peaks.length > 0 ? " Points: the largest memory that the whole process ever held." : "";
  const note = `By the cost model, in float32: one array each of logits and sampled centers (a step holds several), and the tables that are there always.${measured}`;
  return { file: "memory", title: "Memory of a step", note, svg, width: WIDTH };
}

/** The measurements of a head's step, by the setting that was swept, ascending. */
function sweptSteps(lines: readonly BenchmarkLine[], swept: SweptSetting): { line: MeasurementLine; x: number }[] {
  return linesOf(lines, "measurement")
    .flatMap((line) => (swept in line.settings ? [{ line, x: Number(line.settings[swept]) }] : []))
    .sort((a, b) => a.x - b.x);
}

function axes(swept: SweptSetting, xs: readonly number[], label: string, ys: readonly number[]): Plot.PlotOptions {
  const x =
    swept === "ratio"
      ? logAxis("r, share of the centers that is sampled", xs, String)
      : logAxis("C, number of classes", xs, count);
  const y = logAxis(label, ys, (tick) => (tick >= 1000 ? count(tick) : String(tick)));
  return { x: { ...x, labelAnchor: "center", labelArrow: "none" }, y: { ...y, labelArrow: "up" } };
}

function curveMarks(points: readonly CurvePoint[]): Plot.Markish[] {
  return namesOf(points).map((curve, index) =>
    Plot.line(
      points.filter((point) => point.curve === curve),
      { x: "x", y: "y", stroke: GREYS[index], strokeDasharray: DASHES[index], strokeWidth: 1.5 },
    ),
  );
}

function curveLabels(points: readonly CurvePoint[]): Label[] {
  return namesOf(points).map((curve, index) => {
    const { x, y } = points.findLast((point) => point.curve === curve)!;
    return { x, y, text: curve, color: GREYS[index] };
  });
}

function namesOf(points: readonly CurvePoint[]): string[] {
  return [...new Set(points.map(({ curve }) => curve))];
}
