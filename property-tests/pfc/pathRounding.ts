/**
 * How far apart two computations of a head may be whose cosines differ in their last bits, as those of the formula path and of the fused
 * path do: one normalises a center and multiplies, the other multiplies and divides by its length.
 *
 * To what sums in another order may cost (headRounding.ts) comes what a margin makes of a target cosine c that is off by δ: its value and slope
 * at c − δ and c + δ are looked at, so that the bound is wide where the margin jumps (ArcFace at π − m, the flat last 1e-7 before ±1) and
 * nowhere else. And where rounding carries a cosine beyond ±1, the formula's clamp has slope 0; the fused path, which has no clamp to
 * differentiate, keeps the slope. Of unit vectors the cosine is never beyond ±1, so the slope is the right answer, and what the formula path
 * loses there is a gradient of length sin θ <= √(2δ).
 */
import type { Margin } from "../../src/pfc/margins/margin.js";
import type { Engine } from "../../src/tensor/engine.js";
import type { HeadProblem } from "../arbitraries/headProblems.js";
import { exact, roundingOf } from "../engines.js";
import { answer } from "./answer.js";
import { headBounds, type HeadBounds } from "./headRounding.js";

/** What rounding may change in a cosine of E products, two lengths and a quotient. */
export function cosineRounding(engine: Engine, embedding: number): number {
  return 2 * (embedding + 4) * roundingOf(engine);
}

/** cos θ of all rows of the first step with all classes: [N][C]. */
export function cosinesOf({ embedding, classes, centers, batches: [{ labels, embeddings }] }: HeadProblem): number[][] {
  const lengths = (rows: Float64Array): number[] =>
    Array.from({ length: rows.length / embedding }, (_, row) => {
      let squares = 0;
      for (let e = 0; e < embedding; e++) squares += rows[row * embedding + e] ** 2;
      return Math.max(Math.sqrt(squares), 1e-12);
    });
  const [ofX, ofW] = [lengths(embeddings), lengths(centers)];
  return labels.map((_, n) =>
    Array.from({ length: classes }, (_, j) => {
      let product = 0;
      for (let e = 0; e < embedding; e++) product += embeddings[n * embedding + e] * centers[j * embedding + e];
      return Math.min(1, Math.max(-1, product / (ofX[n] * ofW[j])));
    }),
  );
}

/** A threshold near the wanted one that no cosine is so near to that rounding decides whether it is above. */
export function clearThreshold(engine: Engine, problem: HeadProblem, wanted: number): number {
  if (wanted === 0) return 0;
  const gap = 2 * cosineRounding(engine, problem.embedding);
  const cosines = cosinesOf(problem).flat();
  for (let next = wanted; next < 1; next += Math.max(gap, 2 ** -20)) {
    const threshold = Math.fround(next); // the same number on every engine
    if (!cosines.some((cosine) => Math.abs(cosine - threshold) < gap)) return threshold;
  }
  return 0;
}

/** Of the first step. `engine`: whose rounding counts. */
export function pathBounds(engine: Engine, problem: HeadProblem, margin: Margin): HeadBounds {
  const { embedding, classes, centers, batches: [{ labels, embeddings }] } = problem; // prettier-ignore
  const { loss, dx, dw } = headBounds(engine, problem, margin);
  const delta = cosineRounding(engine, embedding);
  const cosines = cosinesOf(problem);
  const slacks = marginSlacks(margin, cosines.map((row, n) => row[labels[n]]), delta); // prettier-ignore
  const share = 1 / labels.length;
  const pairs = cosines.map((row, n) => {
    const { value, slope, steepest } = slacks[n];
    const moved = 2 * Math.min(1, value); // of any probability of the row
    return row.map((cosine, j) => {
      const [own, height] = j === labels[n] ? [slope, steepest] : [0, margin.scale];
      const beyond = Math.abs(cosine) >= 1 - delta ? height * Math.sqrt(2 * delta) : 0;
      return share * (own + moved * height + beyond);
    });
  });
  const ofRow = pairs.map((row) => row.reduce((sum, pair) => sum + pair, 0));
  const ofClass = Array.from({ length: classes }, (_, j) => pairs.reduce((sum, row) => sum + row[j], 0));
  const wider = (bounds: readonly number[], rows: Float64Array, extra: readonly number[]): number[] =>
    bounds.map((bound, i) => {
      const row = Math.floor(i / embedding);
      const length = Math.hypot(...rows.subarray(row * embedding, (row + 1) * embedding));
      return bound + extra[row] / Math.max(length, 1e-12);
    });
  return {
    loss: loss + share * slacks.reduce((sum, { value }) => sum + value, 0),
    dx: wider(dx, embeddings, ofRow),
    dw: wider(dw, centers, ofClass),
  };
}

interface MarginSlack {
  /** |z(c ± δ) − z(c)| */
  readonly value: number;
  /** |z'(c ± δ) − z'(c)| */
  readonly slope: number;
  /** The largest |z'| of the three */
  readonly steepest: number;
}

function marginSlacks(margin: Margin, cosines: readonly number[], delta: number): MarginSlack[] {
  const at = (shift: number): { readonly y: number[]; readonly gradient: number[] } =>
    answer(
      exact,
      cosines.map((cosine) => Math.min(1, Math.max(-1, cosine + shift))),
      [cosines.length, 1],
      (x) => margin.logits(x, new Int32Array(cosines.length)),
    );
  const [here, ...beside] = [at(0), at(-delta), at(delta)];
  return cosines.map((_, n) => ({
    value: Math.max(...beside.map(({ y }) => Math.abs(y[n] - here.y[n]))),
    slope: Math.max(...beside.map(({ gradient }) => Math.abs(gradient[n] - here.gradient[n]))),
    steepest: Math.max(...[here, ...beside].map(({ gradient }) => Math.abs(gradient[n]))),
  }));
}
