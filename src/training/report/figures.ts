/** The curves of a report: each figure is a short Observable Plot program that returns SVG text. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { RunSummary } from "./runSummary.js";

/** Points of a curve after thinning: more cannot be told apart at this width. */
const POINTS = 300;

const size = { width: 620, height: 260, marginLeft: 54 };

export interface Figure {
  readonly title: string;
  readonly svg: string;
}

/** All figures that the runs have data for. */
export function figures(runs: readonly RunSummary[]): Figure[] {
  return [
    stepCurve("Training loss", "loss", runs, (line) => line.loss),
    validationCurve(runs),
    rocCurve(runs),
    stepCurve("Mean norm of the class centers", "norm", runs, (line) => line.centerNorm),
    stepCurve("Gradient norm of the backbone, before clipping", "norm", runs, (line) => line.gradientNorm),
    stepCurve("Head, milliseconds a step", "ms", runs, (line) => line.time.headMilliseconds),
  ].filter((figure) => figure !== undefined);
}

interface Point {
  readonly x: number;
  readonly y: number;
  readonly run: string;
}

function stepCurve(
  title: string,
  label: string,
  runs: readonly RunSummary[],
  value: (line: RunSummary["steps"][number]) => number,
): Figure | undefined {
  const points = runs.flatMap((run) =>
    thin(run.steps.map((line) => ({ x: line.step, y: value(line), run: run.name }))),
  );
  return curve(title, points, { x: { label: "step" }, y: { label, grid: true, zero: true } });
}

function validationCurve(runs: readonly RunSummary[]): Figure | undefined {
  const points = runs.flatMap((run) =>
    run.validations.map((line) => ({ x: line.step, y: 100 * line.result.recallAt1, run: run.name })),
  );
  return curve(
    "Recall@1 on held-out classes (%)",
    points,
    { x: { label: "step" }, y: { label: "R@1 (%)", grid: true } },
    true,
  );
}

function rocCurve(runs: readonly RunSummary[]): Figure | undefined {
  const points = runs.flatMap((run) =>
    (run.test?.result.roc ?? []).filter(([x]) => x > 0).map(([x, y]) => ({ x, y, run: run.name })),
  );
  const options: Plot.PlotOptions = {
    x: { type: "log", label: "false accept rate", grid: true, tickFormat: "~e" },
    y: { label: "true accept rate", grid: true, domain: [0, 1] },
  };
  return curve("ROC on unseen classes", points, options);
}

function curve(title: string, points: readonly Point[], options: Plot.PlotOptions, dots = false): Figure | undefined {
  if (points.length < 2) return undefined;
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const channels = { x: "x", y: "y", stroke: "run" } as const;
  const figure = Plot.plot({
    ...size,
    ...options,
    document,
    color: { legend: false, scheme: "Observable10", domain: [...new Set(points.map((point) => point.run))] },
    marks: [Plot.lineY(points, channels), ...(dots ? [Plot.dot(points, channels)] : [])],
  });
  return { title, svg: figure.outerHTML };
}

/** Means over equal stretches of the curve. */
function thin(points: readonly Point[]): Point[] {
  const stretch = Math.ceil(points.length / POINTS);
  const thinned: Point[] = [];
  for (let start = 0; start < points.length; start += stretch) {
    const part = points.slice(start, start + stretch);
    thinned.push({ ...part[part.length - 1], y: part.reduce((sum, point) => sum + point.y, 0) / part.length });
  }
  return thinned;
}
