/**
 * From the place of every positive to the table of a protocol: average precision and precision at k of each query, and their means.
 *
 * A query without a positive under a protocol has no precision: it is NaN in its row and left out of the means.
 */
import { countPositives, isPositive, PROTOCOLS, type Mark, type Protocol, type QueryTruth } from "./groundTruth.js";
import { averagePrecisionAt, checkKappa, precisionAt, type PrecisionForm } from "./precisionForms.js";

export interface ProtocolScores {
  /** Mean average precision, in [0, 1]; NaN where no query counts. */
  readonly map: number;
  /** Of each query, NaN without a positive: [Q] */
  readonly averagePrecisions: Float64Array;
  /** Mean precision at each of the `kappas`: [K] */
  readonly meanPrecisionAt: Float64Array;
  /** [Q, K] */
  readonly precisionAt: Float64Array;
  /** Queries that count. */
  readonly queries: number;
}

export type RevisitedScores = Readonly<Record<Protocol, ProtocolScores>>;

export interface ScoreOptions {
  /** The k of precision at k, whole numbers ≥ 1; default 1, 5, 10, as the benchmark has them. */
  readonly kappas?: readonly number[];
  /** Default: `"trapezoid"`, the benchmark's. */
  readonly form?: PrecisionForm;
}

/** Before the long part. @throws Error for a k that is none, or a form that there is not */
export function checkScoreOptions({ kappas = [], form = "trapezoid" }: ScoreOptions): void {
  kappas.forEach(checkKappa);
  if (form === "trapezoid" || form === "precisions") return;
  throw new Error(`average precision: its form is "trapezoid" or "precisions", given ${JSON.stringify(form)}.`);
}

/** A marked image of a ranking, and how many unmarked ones come before it. */
export interface MarkedImage {
  readonly mark: Mark;
  readonly unmarkedBefore: number;
}

/**
 * @param groundTruth of each query, checked: [Q]
 * @param marked its marked images in the order of the ranking: [Q]
 */
export function scoreProtocols(
  groundTruth: readonly QueryTruth[],
  marked: readonly (readonly MarkedImage[])[],
  { kappas = [1, 5, 10], form = "trapezoid" }: ScoreOptions,
): RevisitedScores {
  const score = (protocol: Protocol): ProtocolScores => {
    const averagePrecisions = new Float64Array(marked.length).fill(NaN);
    const precisions = new Float64Array(marked.length * kappas.length).fill(NaN);
    groundTruth.forEach((truth, query) => {
      const positives = countPositives(truth, protocol);
      if (positives === 0) return;
      const positions = positionsOf(marked[query], protocol);
      averagePrecisions[query] = averagePrecisionAt(positions, positives, form);
      precisions.set(kappas.map((k) => precisionAt(positions, positives, k)), query * kappas.length); // prettier-ignore
    });
    return {
      map: meanOfNumbers(averagePrecisions),
      averagePrecisions,
      meanPrecisionAt: Float64Array.from(kappas, (_, k) =>
        meanOfNumbers(precisions.filter((_, i) => i % kappas.length === k)),
      ),
      precisionAt: precisions,
      queries: averagePrecisions.filter((precision) => !Number.isNaN(precision)).length,
    };
  };
  const [easy, medium, hard] = PROTOCOLS.map(score);
  return { easy, medium, hard };
}

/** Zero-based places of the positives, the images that a protocol leaves out being gone. */
function positionsOf(marked: readonly MarkedImage[], protocol: Protocol): number[] {
  const positions: number[] = [];
  for (const { mark, unmarkedBefore } of marked) {
    // before it are the unmarked images and the positives so far: every marked image is either positive or left out
    if (isPositive(mark, protocol)) positions.push(unmarkedBefore + positions.length);
  }
  return positions;
}

function meanOfNumbers(values: Float64Array): number {
  const numbers = values.filter((value) => !Number.isNaN(value));
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}
