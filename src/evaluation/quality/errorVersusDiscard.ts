/**
 * Error versus discard: how many errors remain when the pairs of lowest quality are not compared at all.
 *
 * The curve by which quality scores are judged (Grother and Tabassi, "Performance of biometric quality measures", PAMI 2007; CR-FIQA, section
 * 4). Pairs, genuine and impostor alike, are sorted by quality; for each ratio r the worst floor(r·P) of them are dropped, and the
 * FNMR of those left is read at a threshold for each FMR (`pointAtFmr`, counted strictly: `falseNonMatchRate`). A score that
 * knows which images fail makes the curve fall; a random one leaves it level.
 *
 * There are two conventions for that threshold, and with few impostors they differ much:
 *
 *     perSubset   found anew among the pairs that are left at every ratio: the FMR is held (the public code of CR-FIQA)
 *     fullSet     found once among all pairs and kept: the system is held (NIST's FATE, most later work)
 *
 * Ties: a stable sort, so that of pairs of equal quality (often: pairs share their worst image) those that come first among the pairs are
 * dropped first. The reference's sort is unstable there.
 *
 * Left out: confidence bands; discarding images instead of pairs.
 */
import { checkRate, errorRates, falseNonMatchRate, pointAtFmr } from "./operatingPoints.js";
import { checkQuality } from "./pairQuality.js";

export type ThresholdConvention = "perSubset" | "fullSet";

export interface DiscardOptions {
  /** Of each pair; less means more alike (negate similarities). [P] */
  readonly distances: ArrayLike<number>;
  /** 1 for a genuine pair, 0 for an impostor pair. [P] */
  readonly same: ArrayLike<number>;
  /** Of each pair (`pairQuality`). [P] */
  readonly quality: ArrayLike<number>;
  /** Default true; with false, pairs with the largest quality are dropped first. */
  readonly higherIsBetter?: boolean;
  /** F false match rates; default 1e-2, 1e-3, 1e-4. */
  readonly fmrs?: readonly number[];
  /** Rising from 0, all below 1; default i · 0.05 for i = 0 … 19. */
  readonly ratios?: readonly number[];
  readonly threshold: ThresholdConvention;
}

/** R ratios, F false match rates. */
export interface DiscardCurve {
  readonly threshold: ThresholdConvention;
  /** [F] */
  readonly fmrs: readonly number[];
  /** Those that leave a genuine and an impostor pair: here the curve ends, whatever else was asked for. [R] */
  readonly ratios: Float64Array;
  /** The first ratio asked for that leaves none of a kind; absent where the curve is complete. Areas of curves that end early compare with no others. */
  readonly endsBefore?: number;
  /** Pairs left. An FMR below 1/impostor asks for less than one false match. [R] */
  readonly genuine: Int32Array;
  readonly impostor: Int32Array;
  /** For each FMR the threshold at each ratio. [F][R] */
  readonly thresholds: readonly Float64Array[];
  /** For each FMR the errors at each ratio, in [0, 1]. [F][R] */
  readonly fnmr: readonly Float64Array[];
}

const FMRS = [1e-2, 1e-3, 1e-4]; // CR-FIQA, section 4
const RATIOS = Array.from({ length: 20 }, (_, i) => i * 0.05); // the products, not 0.05, 0.1 …: they decide what floor(r·P) is

/**
 * The curve of one quality score. Costs one sort by quality, and for "perSubset" one of the distances at every ratio.
 *
 * Throws when lengths differ, for NaN, when there is no genuine or no impostor pair, and for rates or ratios outside their range.
 */
export function errorVersusDiscard(options: DiscardOptions): DiscardCurve {
  const { distances, same, threshold, fmrs = FMRS, ratios = RATIOS } = options;
  checkOptions(options, fmrs, ratios);
  const order = worstFirst(options.quality, options.higherIsBetter ?? true);
  const thresholdsOf = (kept: Int32Array): number[] => {
    const rates = errorRates(pick(distances, kept), pick(same, kept));
    return fmrs.map((fmr) => pointAtFmr(rates, fmr).threshold);
  };
  const ofAll = thresholdsOf(order);
  const rows: Row[] = [];
  for (const ratio of ratios) {
    const kept = order.subarray(Math.floor(ratio * order.length));
    const genuine = kept.filter((pair) => same[pair]);
    if (genuine.length === 0 || genuine.length === kept.length) break;
    const thresholds = threshold === "fullSet" ? ofAll : thresholdsOf(kept);
    const scores = pick(distances, genuine);
    const fnmr = thresholds.map((limit) => falseNonMatchRate(scores, limit));
    rows.push({ genuine: genuine.length, impostor: kept.length - genuine.length, thresholds, fnmr });
  }
  return {
    threshold,
    fmrs,
    ratios: Float64Array.from(ratios.slice(0, rows.length)),
    ...(rows.length < ratios.length && { endsBefore: ratios[rows.length] }),
    genuine: Int32Array.from(rows, (row) => row.genuine),
    impostor: Int32Array.from(rows, (row) => row.impostor),
    thresholds: fmrs.map((_, f) => Float64Array.from(rows, (row) => row.thresholds[f])),
    fnmr: fmrs.map((_, f) => Float64Array.from(rows, (row) => row.fnmr[f])),
  };
}

interface Row {
  readonly genuine: number;
  readonly impostor: number;
  readonly thresholds: readonly number[];
  readonly fnmr: readonly number[];
}

/** Pairs in the order in which they are discarded; of equal quality the earlier pair first. [P] */
function worstFirst(quality: ArrayLike<number>, higherIsBetter: boolean): Int32Array {
  const pairs = Int32Array.from({ length: quality.length }, (_, p) => p);
  // compared, not subtracted: infinite qualities have no difference
  const rising = (a: number, b: number): number => (quality[a] < quality[b] ? -1 : quality[a] > quality[b] ? 1 : 0);
  return pairs.sort((a, b) => (higherIsBetter ? rising(a, b) : rising(b, a)) || a - b);
}

function pick(values: ArrayLike<number>, places: Int32Array): Float64Array {
  return Float64Array.from(places, (place) => values[place]);
}

function checkOptions(
  { distances, same, quality }: DiscardOptions,
  fmrs: readonly number[],
  ratios: readonly number[],
): void {
  if (distances.length !== same.length || distances.length !== quality.length) {
    throw new Error(
      `errorVersusDiscard: distances, same and quality have one entry a pair; given ${distances.length}, ${same.length} and ${quality.length}.`,
    );
  }
  let genuine = 0;
  for (let p = 0; p < distances.length; p++) {
    if (Number.isNaN(distances[p])) {
      throw new Error(`errorVersusDiscard: a distance must be a number, but that of pair ${p} is NaN.`);
    }
    if (same[p]) genuine++;
  }
  checkQuality(quality, "pair");
  if (genuine === 0 || genuine === distances.length) {
    throw new Error(
      `errorVersusDiscard: genuine and impostor pairs are needed, given ${genuine} genuine and ${distances.length - genuine} impostor pairs.`,
    );
  }
  if (fmrs.length === 0) throw new Error("errorVersusDiscard: one or more false match rates are needed, given none.");
  for (const fmr of fmrs) checkRate("errorVersusDiscard: a false match rate", fmr);
  if (ratios[0] !== 0 || !ratios.every((ratio, r) => ratio < 1 && (r === 0 || ratio > ratios[r - 1]))) {
    throw new Error(
      `errorVersusDiscard: ratios of discarded pairs rise from 0 and stay below 1; given ${ratios.join(", ")}.`,
    );
  }
}
