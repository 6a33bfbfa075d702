/**
 * Where a verification system would be run: false non-matches at a rate of false matches, and the other way round.
 *
 * As the public evaluation of CR-FIQA reads them (ISO/IEC 19795-1 has the two names; FMR is the FAR of `roc.ts`, FNMR is 1 − TAR).
 * Candidates are the distinct scores that were observed, so that no threshold lies beyond all of them. At a threshold t,
 *
 *     FMR(t)  = impostor pairs at t or more alike / impostor pairs
 *     FNMR(t) = genuine pairs less alike than t / genuine pairs
 *
 * and the operating point is the candidate whose FMR is NEAREST to the target, of equally near ones the most permissive. Two things follow.
 * The FMR may exceed the target (`tarAtFar` by its default rule never does). And where the target is below half of one false match,
 * 1/(2·impostors), the threshold is the largest genuine distance below all impostors, where there is one.
 *
 * The curves of `errorVersusDiscard` count errors at that threshold anew and STRICTLY (`falseNonMatchRate`): a genuine pair exactly at the
 * threshold is rejected there, although FNMR(t) accepts it. So the one genuine pair that set the threshold is then an error.
 */
import { rocCurve } from "../roc.js";

/** Whether a larger score means more alike ("similarity") or less ("distance"). */
export type ScoreOrientation = "similarity" | "distance";

/** Candidates from the most permissive (FMR 1, FNMR 0) to the strictest; T of them. */
export interface ErrorRates {
  readonly genuine: number;
  readonly impostor: number;
  /** Rising similarities or falling distances. [T] */
  readonly thresholds: Float64Array;
  /** Falling from 1. [T] */
  readonly fmr: Float64Array;
  /** Rising from 0. [T] */
  readonly fnmr: Float64Array;
}

export interface OperatingPoint {
  /** Among the candidates. */
  readonly index: number;
  readonly threshold: number;
  readonly fmr: number;
  readonly fnmr: number;
}

/** Both rates at every observed score; same[p] is 1 for a genuine pair. Throws for NaN and when one of the two kinds is missing. */
export function errorRates(
  scores: ArrayLike<number>,
  same: ArrayLike<number>,
  orientation: ScoreOrientation = "distance",
): ErrorRates {
  // 0 − x, unlike −x, makes no negative zero
  const turned = (score: number): number => (orientation === "distance" ? 0 - score : score);
  const { genuine, impostor, thresholds, trueAccept, falseAccept } = rocCurve(Float64Array.from(scores, turned), same);
  // the first vertex accepts nothing: its threshold was not observed
  const observed = (values: Float64Array): Float64Array => values.slice(1).reverse();
  return {
    genuine,
    impostor,
    thresholds: observed(thresholds).map(turned),
    fmr: observed(falseAccept),
    // 1 − TAR would be rounded twice, and rates that are equally near would no longer be
    fnmr: observed(trueAccept).map((rate) => (genuine - Math.round(rate * genuine)) / genuine),
  };
}

/** The candidate with the FMR nearest to `fmr`; of equally near ones the most permissive, so with the least FNMR. */
export function pointAtFmr(rates: ErrorRates, fmr: number): OperatingPoint {
  checkRate("pointAtFmr: a false match rate", fmr);
  const gaps = rates.fmr.map((rate) => Math.abs(rate - fmr));
  return pointAt(rates, gaps.indexOf(least(gaps)));
}

/** The candidate with the FNMR nearest to `fnmr`; of equally near ones the strictest, so with the least FMR. */
export function pointAtFnmr(rates: ErrorRates, fnmr: number): OperatingPoint {
  checkRate("pointAtFnmr: a false non-match rate", fnmr);
  const gaps = rates.fnmr.map((rate) => Math.abs(rate - fnmr));
  return pointAt(rates, gaps.lastIndexOf(least(gaps)));
}

/**
 * The share of genuine pairs, with these scores, that are rejected at a threshold; a pair exactly at it is rejected too. NaN without pairs.
 *
 * @param genuine scores of genuine pairs alone
 */
export function falseNonMatchRate(
  genuine: ArrayLike<number>,
  threshold: number,
  orientation: ScoreOrientation = "distance",
): number {
  let rejected = 0;
  for (let p = 0; p < genuine.length; p++) {
    const accepted = orientation === "distance" ? genuine[p] < threshold : genuine[p] > threshold;
    if (!accepted) rejected++;
  }
  return rejected / genuine.length;
}

/** Throws unless 0 ≤ rate ≤ 1. */
export function checkRate(what: string, rate: number): void {
  if (!(rate >= 0 && rate <= 1)) throw new Error(`${what} lies in 0 .. 1, given ${rate}.`);
}

function pointAt({ thresholds, fmr, fnmr }: ErrorRates, index: number): OperatingPoint {
  return { index, threshold: thresholds[index], fmr: fmr[index], fnmr: fnmr[index] };
}

/** No spreading into `Math.min`: there may be more gaps than a call takes arguments. */
function least(gaps: Float64Array): number {
  return gaps.reduce((smallest, gap) => Math.min(smallest, gap), Infinity);
}
