/**
 * MadaCos by plain loops over a batch, and how far rounding may take a head that uses it from those loops.
 *
 * A cosine may be off by δ (pfc/pathRounding.ts). So the median is, as a median moves no further than its numbers; s moves by what its formula
 * makes of t ± δ; ln B_i by |Δs| + s·δ, as no cosine exceeds 1; and m by what follows, and by the difference to any other row whose own
 * cosine is so near to the median that it may be taken for it. A logit moves by |Δs|·|c| + s·(|Δm| + δ), log p by twice the largest of these, p by
 * the factor e^(2Δz) and dL/dcos by |Δs| + s·Δp, divided by N. To this comes what two computations with one s and m may differ by (`pathBounds`).
 */
import type { MadaCosOptions } from "../../src/cfcd/madaCos.js";
import { cosFace } from "../../src/pfc/margins/cosFace.js";
import type { Engine } from "../../src/tensor/engine.js";
import type { HeadProblem } from "../arbitraries/headProblems.js";
import { roundingOf } from "../engines.js";
import type { HeadBounds } from "../pfc/headRounding.js";
import { cosineRounding, cosinesOf, pathBounds } from "../pfc/pathRounding.js";

export interface SuppliedProblem {
  readonly problem: HeadProblem;
  /** Classes that take part. */
  readonly sampled: readonly number[];
  readonly filter: number;
  readonly options: MadaCosOptions;
}

export interface ByLoops {
  readonly scale: number;
  readonly margin: number;
  readonly median: number;
  /** ln B_i at that scale, −∞ without a wrong class: [N] */
  readonly logOthers: readonly number[];
}

export const lowerMedianOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[(values.length - 1) >> 1];

/** ln Σ e^x, −∞ of none. */
export function logSum(values: readonly number[]): number {
  const highest = Math.max(...values);
  if (highest === -Infinity) return highest;
  return highest + Math.log(values.reduce((sum, x) => sum + Math.exp(x - highest), 0));
}

const saturationOf = ({ alpha = 0.02, kappa = 9_999_999 }: MadaCosOptions): number =>
  Math.log((kappa * (1 - alpha)) / alpha);

function scaleAt(median: number, options: MadaCosOptions): number {
  const { minScale = 32, maxScale = Infinity } = options;
  return Math.min(maxScale, Math.max(minScale, saturationOf(options) / Math.max(1 - median, 1e-4)));
}

/** `share` of the classes that take part. */
function marginAt(
  median: number,
  scale: number,
  logB: number,
  share: number,
  { alpha = 0.02, correctSampling = false }: MadaCosOptions,
): number {
  if (logB === -Infinity) return 0;
  return Math.max(0, median - (logB + Math.log(alpha / (1 - alpha)) - (correctSampling ? Math.log(share) : 0)) / scale);
}

/** Cosines of the first step that count as wrong ones, [N][…], and those with the own class, [N]. */
export function cosinesByLoops({ problem, sampled, filter }: Omit<SuppliedProblem, "options">) {
  const { labels } = problem.batches[0];
  const all = cosinesOf(problem);
  const wrong = all.map((row, n) =>
    sampled.filter((j) => j !== labels[n]).map((j) => (filter > 0 && row[j] > filter ? 0 : row[j])),
  );
  return { wrong, targets: all.map((row, n) => row[labels[n]]) };
}

export function madaCosByLoops(given: SuppliedProblem): ByLoops {
  const { options } = given;
  const { wrong, targets } = cosinesByLoops(given);
  const median = lowerMedianOf(targets);
  const scale = scaleAt(median, options);
  const logOthers = wrong.map((row) => logSum(row.map((c) => scale * c)));
  const { others = "of-median" } = options;
  const logB = {
    "of-median": logOthers[targets.indexOf(median)],
    median: lowerMedianOf(logOthers),
    mean: logSum(logOthers) - Math.log(logOthers.length),
  }[others];
  const share = given.sampled.length / given.problem.classes;
  return { scale, margin: marginAt(median, scale, logB, share, options), median, logOthers };
}

export interface SuppliedBounds extends HeadBounds {
  readonly scale: number;
  readonly margin: number;
  readonly median: number;
}

/** Of the first step. `engine`: whose rounding counts. */
export function suppliedBounds(engine: Engine, given: SuppliedProblem): SuppliedBounds {
  const { problem, sampled, options } = given;
  const { scale, margin, median, logOthers } = madaCosByLoops(given);
  const { targets } = cosinesByLoops(given);
  const [rounding, delta] = [roundingOf(engine), cosineRounding(engine, problem.embedding)];
  const beside = [-delta, delta].map((shift) => Math.abs(scaleAt(median + shift, options) - scale));
  const ofScale = Math.max(...beside) + 16 * rounding * scale;
  const ofLogB = ofScale + scale * delta + (4 * sampled.length + 16 + 4 * scale) * rounding;
  const isThere = sampled.length > 1;
  const candidates = targets.flatMap((t, n) => (Math.abs(t - median) <= 2 * delta ? [logOthers[n]] : []));
  const spread = isThere ? Math.max(...candidates) - Math.min(...candidates) : 0;
  const largest = isThere ? Math.max(...logOthers.map(Math.abs)) + saturationOf(options) + 16 : 0;
  const ofMargin = isThere
    ? delta + (ofLogB + spread) / scale + (largest * ofScale) / scale ** 2 + 16 * rounding * (1 + largest / scale)
    : 0;
  const ofLogit = ofScale * (1 + margin) + scale * (ofMargin + delta) + 4 * rounding * scale * (1 + margin);
  const ofCosine = ofScale * (1 + margin) + scale * Math.min(1, Math.expm1(2 * ofLogit));
  const { loss, dx, dw } = pathBounds(engine, problem, cosFace({ scale, margin }));
  const rows = problem.batches[0].labels.length;
  const wider = (bounds: readonly number[], values: Float64Array, pairs: number): number[] =>
    bounds.map((bound, i) => {
      const row = Math.floor(i / problem.embedding) * problem.embedding;
      const length = Math.hypot(...values.subarray(row, row + problem.embedding));
      return bound + ((pairs / rows) * ofCosine) / Math.max(length, 1e-12);
    });
  return {
    ...{ scale: ofScale, margin: ofMargin, median: delta, loss: loss + 2 * ofLogit },
    dx: wider(dx, problem.batches[0].embeddings, sampled.length),
    dw: wider(dw, problem.centers, rows),
  };
}
