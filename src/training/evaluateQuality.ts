/**
 * How well a quality score foresees which comparisons fail: error-versus-discard curves on the pairs of the verification protocol (CR-FIQA,
 * section 4), beside those of chance, of the length of an embedding, and of the true severity where the set knows it.
 *
 * The network that compares is the one that scores. Another one is the harder test, and the experiment in `experiments/crfiqa.ts`.
 */
import {
  areaUnderDiscardCurve,
  comparisonDistances,
  errorVersusDiscard,
  pairQuality,
  randomScores,
  rowNorms,
  type DiscardCurve,
  type Pairs,
} from "../evaluation/index.js";
import type { QualityResult } from "./metrics.js";

const FMRS = [1e-2, 1e-3];
const CONVENTIONS = ["fullSet", "perSubset"] as const;

export interface EvaluateQualityOptions {
  /** Of each image: [N] */
  readonly scores: ArrayLike<number>;
  /** [N, E] */
  readonly embeddings: Float32Array;
  readonly embedding: number;
  readonly pairs: Pairs;
  /** The true severity of each image, where it is known: [N] */
  readonly severity?: ArrayLike<number>;
}

export function evaluateQuality({
  scores,
  embeddings,
  embedding,
  pairs,
  severity,
}: EvaluateQualityOptions): QualityResult {
  const distances = comparisonDistances(embeddings, embedding, pairs);
  const methods: [name: string, quality: ArrayLike<number>][] = [
    ["quality", scores],
    ["length of the embedding", rowNorms(embeddings, embedding)],
    ["random", randomScores(scores.length, "evaluation")],
    ...(severity ? [["true severity", Float64Array.from(severity, (value) => -value)] as [string, Float64Array]] : []),
  ];
  const curvesOf = (threshold: (typeof CONVENTIONS)[number]): Curve[] =>
    toCommonRatio(
      methods.map(([, quality]) =>
        errorVersusDiscard({
          ...{ distances, same: pairs.same, fmrs: FMRS, threshold },
          quality: pairQuality(quality, pairs),
        }),
      ),
    );
  const [fullSet, perSubset] = CONVENTIONS.map(curvesOf);
  return {
    fmrs: FMRS,
    methods: methods.map(([name], k) => ({ name, fullSet: fullSet[k], perSubset: perSubset[k] })),
  };
}

type Curve = QualityResult["methods"][number]["fullSet"];

/** Few pairs may run out of one kind, sooner with one score than with another: areas are compared as far as all curves go. */
function toCommonRatio(curves: readonly DiscardCurve[]): Curve[] {
  const length = Math.min(...curves.map(({ ratios }) => ratios.length));
  return curves.map((curve) => {
    const cut = {
      ...curve,
      ratios: curve.ratios.slice(0, length),
      fnmr: curve.fnmr.map((errors) => errors.slice(0, length)),
    };
    return {
      ratios: [...cut.ratios],
      fnmr: cut.fnmr.map((errors) => [...errors]),
      areas: FMRS.map((_, k) => areaUnderDiscardCurve(cut, k)),
    };
  });
}
