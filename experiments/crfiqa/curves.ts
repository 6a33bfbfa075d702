/** Error-versus-discard areas of all methods: both threshold conventions, three operating points, own and other network. */
import {
  areaUnderDiscardCurve,
  comparisonDistances,
  errorVersusDiscard,
  pairQuality,
  partialArea,
  type CombineQuality,
  type DiscardCurve,
  type Pairs,
} from "../../src/evaluation/index.js";
import { METHODS, type Method, type Scores } from "./scores.js";

export const CONVENTIONS = ["fullSet", "perSubset"] as const;
export type Convention = (typeof CONVENTIONS)[number];
export const FMRS = [1e-2, 1e-3, 1e-4] as const;
/** Of 20 ratios: 30 % discarded. */
export const AT_30_PERCENT = 6;

export interface MethodCurve {
  readonly curve: DiscardCurve;
  /** By FMR. */
  readonly areas: readonly number[];
  readonly partial: readonly number[];
}

export type Curves = Readonly<Record<Convention, Readonly<Record<Method, MethodCurve>>>>;

export function discardCurves(
  scores: Scores,
  embeddings: Float32Array,
  embedding: number,
  pairs: Pairs,
  combine: CombineQuality = "minimum",
): Curves {
  const distances = comparisonDistances(embeddings, embedding, pairs);
  const of = (method: Method, threshold: Convention): MethodCurve => {
    const quality = pairQuality(scores[method], pairs, combine);
    const curve = errorVersusDiscard({ distances, same: pairs.same, quality, fmrs: FMRS, threshold });
    return {
      curve,
      areas: FMRS.map((_, k) => areaUnderDiscardCurve(curve, k)),
      partial: FMRS.map((_, k) => partialArea(curve, k, { relative: true })),
    };
  };
  const ofAll = (threshold: Convention): Record<Method, MethodCurve> =>
    Object.fromEntries(METHODS.map((method) => [method, of(method, threshold)])) as Record<Method, MethodCurve>;
  return { fullSet: ofAll("fullSet"), perSubset: ofAll("perSubset") };
}
