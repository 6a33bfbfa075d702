/** The curves of a report: each figure is a short Observable Plot program that returns SVG text. */
import * as Plot from "@observablehq/plot";
import { drawPlot } from "./drawSvg.js";
import { median, type RunSummary } from "./runSummary.js";

/** Points of a curve after thinning: more cannot be told apart at this width; of times, which jump, fewer say more. */
const POINTS = 300;
const TIME_POINTS = 100;

/** Observable10: the colours of the runs, in order, over and over. */
const COLORS = [
  "#4269d0",
  "#efb118",
  "#ff725c",
  "#6cc5b0",
  "#3ca951",
  "#ff8ab7",
  "#a463f2",
  "#97bbf5",
  "#9c6b4e",
  "#9498a0",
];

/** The colour of a run by its place among the runs: the same in every figure, whatever data a run lacks. */
export function colorOf(index: number): string {
  return COLORS[index % COLORS.length];
}

const size = { width: 620, height: 260, marginLeft: 54 };

export interface Figure {
  readonly title: string;
  readonly svg: string;
}

/** All figures that the runs have data for. Names of runs must differ: they are the keys of the colours. */
export function figures(runs: readonly RunSummary[]): Figure[] {
  return [
    stepCurve("Training loss", "loss", runs, (line) => line.loss),
    validationCurve(runs),
    rocCurve(runs),
    stepCurve("Mean norm of the class centers", "norm", runs, (line) => line.centerNorm),
    stepCurve("Gradient norm of the backbone, before clipping", "norm", runs, (line) => line.gradientNorm),
    headTimeCurve(runs),
    stepCurve("Scale of the margin softmax, as it sets itself", "s", runs, ({ margin }) => margin?.scale),
    stepCurve("Margin, as it sets itself", "m", runs, ({ margin }) => margin?.margin),
    stepCurve("Median cosine of images with their own class center", "cosine", runs, ({ margin }) => margin?.median),
    stepCurve("Matched cells of a tuple", "pairs", runs, ({ local }) => local?.matches),
    stepCurve("Triplets of a tuple, loss", "sum of terms", runs, ({ local }) => local?.loss),
    stepCurve("Distance of matched cells", "mean", runs, ({ local }) => local?.distance),
    stepCurve("Regression of quality, loss", "smooth L1", runs, ({ quality }) => quality?.loss),
    stepCurve("Own class center against the nearest other one", "CCS − NNCCS", runs, ({ quality }) =>
      quality ? quality.classCenter - quality.nearestNegative : undefined,
    ),
    stepCurve("Predicted quality and its target", "rank correlation", runs, ({ quality }) => quality?.correlation),
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
  value: (line: RunSummary["steps"][number]) => number | undefined,
): Figure | undefined {
  const points = runs.flatMap((run) =>
    thin(
      run.steps.flatMap((line) => {
        const y = value(line);
        return Number.isFinite(y) ? [{ x: line.step, y: y!, run: run.name }] : [];
      }),
      POINTS,
      mean,
    ),
  );
  const isZero = points.every(({ y }) => y === 0); // an axis needs a length
  const domain = isZero ? [0, 1] : undefined;
  return curve(title, runs, points, { x: { label: "step" }, y: { label, grid: true, zero: true, domain } });
}

/** Medians: what else the machine was doing should not show. */
function headTimeCurve(runs: readonly RunSummary[]): Figure | undefined {
  const points = runs.flatMap((run) =>
    thin(
      run.steps.flatMap(({ step, time: { headMilliseconds: y } }) =>
        y === undefined ? [] : [{ x: step, y, run: run.name }],
      ),
      TIME_POINTS,
      median,
    ),
  );
  return curve("Head, milliseconds a step", runs, points, {
    x: { label: "step" },
    y: { label: "ms", grid: true, zero: true },
  });
}

function validationCurve(runs: readonly RunSummary[]): Figure | undefined {
  const points = runs.flatMap((run) =>
    run.validations.map((line) => ({ x: line.step, y: 100 * line.result.recallAt1, run: run.name })),
  );
  return curve(
    "Recall@1 on held-out classes (%)",
    runs,
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
  return curve("ROC on unseen classes", runs, points, options);
}

function curve(
  title: string,
  runs: readonly RunSummary[],
  points: readonly Point[],
  options: Plot.PlotOptions,
  dots = false,
): Figure | undefined {
  if (points.length < (dots ? 1 : 2)) return undefined;
  const channels = { x: "x", y: "y", stroke: "run" } as const;
  const joined = points.filter(({ run }, index) => points.some((other, i) => i !== index && other.run === run));
  const figure = drawPlot({
    ...size,
    ...options,
    color: { legend: false, domain: runs.map(({ name }) => name), range: runs.map((_, index) => colorOf(index)) },
    marks: [Plot.lineY(joined, channels), ...(dots ? [Plot.dot(points, channels)] : [])],
  });
  return { title, svg: figure.outerHTML };
}

/** At most `most` points, each of which stands for an equal stretch of the curve, at the stretch's end. */
function thin(points: readonly Point[], most: number, middle: (values: readonly number[]) => number): Point[] {
  const stretch = Math.ceil(points.length / most);
  const thinned: Point[] = [];
  for (let start = 0; start < points.length; start += stretch) {
    const part = points.slice(start, start + stretch);
    thinned.push({ ...part[part.length - 1], y: middle(part.map(({ y }) => y)) });
  }
  return thinned;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
