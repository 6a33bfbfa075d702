/** Fixtures `eval-erc` and `eval-roc`: operating points, and error-versus-discard curves by both conventions; in float64 on the host. */
import { comparisonDistances } from "../../../src/evaluation/quality/comparisonDistances.js";
import { areaUnderDiscardCurve } from "../../../src/evaluation/quality/discardArea.js";
import { errorVersusDiscard, type DiscardCurve } from "../../../src/evaluation/quality/errorVersusDiscard.js";
import { errorRates, pointAtFmr, pointAtFnmr } from "../../../src/evaluation/quality/operatingPoints.js";
import { pairQuality } from "../../../src/evaluation/quality/pairQuality.js";
import type { Result } from "../compare.js";
import type { Family, Plan } from "../family.js";
import { isRecord, Unsupported, type Values } from "../fields.js";
import type { Fixture } from "../fixture.js";

const list = (values: ArrayLike<number>): Values => ({ shape: [values.length], data: Float64Array.from(values) });

/** Whole numbers, so that they are compared exactly: rows of one length → [rows, length]. */
function wholeTable(rows: readonly (readonly number[])[]): Values {
  return { shape: [rows.length, rows[0].length], data: Int32Array.from(rows.flat()) };
}

/** [F][R] → [R, F] */
function byRatio(curves: readonly Float64Array[]): Values {
  const [ratios, rates] = [curves[0].length, curves.length];
  return {
    shape: [ratios, rates],
    data: Float64Array.from({ length: ratios * rates }, (_, i) => curves[i % rates][Math.floor(i / rates)]),
  };
}

function curveResult(curve: DiscardCurve, threshold: Values): Record<string, Result> {
  const errors = curve.fmrs.map((fmr, f) => [`fnmr_${fmr.toExponential()}`, list(curve.fnmr[f])] as const);
  const auc = list(curve.fmrs.map((_, f) => areaUnderDiscardCurve(curve, f)));
  return { threshold, ...Object.fromEntries(errors), auc };
}

function discardCurves({ params, inputs }: Fixture): Plan {
  const distance = params.oneOf("distance", ["cosine", "euclidian"]) === "cosine" ? "angle" : "euclidean";
  const higherIsBetter = params.boolean("higher_is_better");
  const fmrs = params.numbers("fmr_targets");
  const embeddings = inputs.tensor("embeddings");
  const imageQuality = inputs.numbers("image_quality");
  const untied = inputs.numbers("pair_quality_untied");
  const numbers = inputs.tensor("pairs").data;
  const column = (place: number): Int32Array => Int32Array.from(numbers.filter((_, i) => i % 3 === place));
  const pairs = { first: column(0), second: column(1), same: Uint8Array.from(column(2)) };
  return {
    run() {
      checkUntied(pairQuality(imageQuality, pairs, higherIsBetter ? "minimum" : "maximum"), untied);
      const distances = comparisonDistances(Float64Array.from(embeddings.data), embeddings.shape[1], pairs, distance);
      const options = { distances, same: pairs.same, quality: untied, higherIsBetter, fmrs };
      const perSubset = errorVersusDiscard({ ...options, threshold: "perSubset" });
      const fullSet = errorVersusDiscard({ ...options, threshold: "fullSet" });
      const { ratios, genuine, impostor } = perSubset;
      return {
        outputs: {
          distances: list(distances),
          unconsidered_rates: list(ratios),
          kept_total_gen_imp: wholeTable(
            Array.from(genuine, (kept, r) => [kept + impostor[r], kept, impostor[r]]), // prettier-ignore
          ),
          per_subset_threshold: curveResult(perSubset, byRatio(perSubset.thresholds)),
          fixed_threshold_variant: curveResult(fullSet, list(fullSet.thresholds.map(([first]) => first))),
        },
      };
    },
  };
}

/** The recorded qualities of pairs are those of their images, moved by 1e-9 for each earlier occurrence of the same. */
function checkUntied(quality: Float64Array, untied: readonly number[]): void {
  const occurrences = new Map<number, number>();
  quality.forEach((value, p) => {
    const earlier = occurrences.get(value) ?? 0;
    occurrences.set(value, earlier + 1);
    const moved = Math.abs(Math.abs(untied[p] - value) - 1e-9 * earlier);
    // recorded with nine decimals
    if (!(moved < 1e-11)) throw new Error(`quality of pair ${p}: got ${value}, recorded ${untied[p]}`);
  });
}

function operatingPoints({ params, inputs, expected }: Fixture): Plan {
  const orientation = params.boolean("dissimilarity") ? "distance" : "similarity";
  const genuine = inputs.numbers("genuine");
  const impostor = inputs.numbers("impostor");
  const recorded = expected.outputs.operating_points;
  if (!isRecord(recorded)) throw new Unsupported("outputs.operating_points is not an object");
  return {
    run() {
      const same = [...genuine.map(() => 1), ...impostor.map(() => 0)];
      const rates = errorRates([...genuine, ...impostor], same, orientation);
      const points = Object.keys(recorded).map((target): [string, Result] => {
        const atFmr = pointAtFmr(rates, Number(target));
        const atFnmr = pointAtFnmr(rates, Number(target));
        const one: Record<string, Result> = {
          fmr_index: { shape: [1], data: Int32Array.of(atFmr.index) },
          fnmr_at_fmr: list([atFmr.fnmr]),
          threshold: list([atFmr.threshold]),
          fnmr_index: { shape: [1], data: Int32Array.of(atFnmr.index) },
          fmr_at_fnmr: list([atFnmr.fmr]),
        };
        return [target, one];
      });
      return {
        outputs: {
          thresholds: list(rates.thresholds),
          fmr: list(rates.fmr),
          fnmr: list(rates.fnmr),
          "threshold_1e-2_1e-3_1e-4": list([1e-2, 1e-3, 1e-4].map((fmr) => pointAtFmr(rates, fmr).threshold)),
          operating_points: Object.fromEntries(points),
        },
      };
    },
  };
}

export const errorsVersusDiscard: Family = { "eval-erc": discardCurves, "eval-roc": operatingPoints };
