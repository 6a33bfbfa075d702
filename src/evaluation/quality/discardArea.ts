/**
 * One number for an error-versus-discard curve: the area under it. Lower is better.
 *
 * CR-FIQA's tables give the plain area over all ratios (0 … 0.95), not divided by anything. In use only the worst few are discarded, so later
 * work ends at 20 or 30 % (partial area) and divides by that width and by the errors without discarding, so that 1 says
 * that discarding does not help (Schlett et al., "Considerations on the evaluation of biometric quality assessment algorithms", 2023).
 */
import type { DiscardCurve } from "./errorVersusDiscard.js";

/** Trapezoids under FNMR at fmrs[fmrIndex], over the curve's ratios; in [0, its last ratio]. 0 where a curve has only one ratio. */
export function areaUnderDiscardCurve(curve: DiscardCurve, fmrIndex: number): number {
  return areaUntil(curve.ratios, errorsAt(curve, fmrIndex), Infinity);
}

export interface PartialAreaOptions {
  /** The largest ratio, default 0.3. Between two ratios of the curve FNMR lies on the straight line. */
  readonly until?: number;
  /** Divides by FNMR without discarding; then NaN where there was no error to begin with. Default false. */
  readonly relative?: boolean;
}

/** The mean FNMR at fmrs[fmrIndex] over ratios 0 … until; relative to that at ratio 0 on request. Throws unless the curve reaches `until` > 0. */
export function partialArea(
  curve: DiscardCurve,
  fmrIndex: number,
  { until = 0.3, relative = false }: PartialAreaOptions = {},
): number {
  const errors = errorsAt(curve, fmrIndex);
  const last = curve.ratios[curve.ratios.length - 1];
  // 0.3 is 6 · 0.05 and a rounding error; a width is not asked for to the last bit
  const reached = until <= last * (1 + Number.EPSILON);
  if (!(until > 0 && reached)) {
    throw new Error(
      `partialArea: a ratio beyond 0 that the curve reaches is needed, given ${until} and ratios up to ${last}.`,
    );
  }
  const mean = areaUntil(curve.ratios, errors, until) / until;
  return relative ? mean / errors[0] : mean;
}

function errorsAt(curve: DiscardCurve, fmrIndex: number): Float64Array {
  if (!(fmrIndex in curve.fnmr)) {
    throw new Error(
      `a discard curve has errors at ${curve.fmrs.length} false match rates (${curve.fmrs.join(", ")}), the first is 0; given ${fmrIndex}.`,
    );
  }
  return curve.fnmr[fmrIndex];
}

/** The integral from ratios[0] to `until` of the line through the points. */
function areaUntil(ratios: Float64Array, errors: Float64Array, until: number): number {
  let area = 0;
  for (let r = 1; r < ratios.length && ratios[r - 1] < until; r++) {
    const whole = ratios[r] - ratios[r - 1];
    const width = Math.min(until - ratios[r - 1], whole);
    const end = errors[r - 1] + (width / whole) * (errors[r] - errors[r - 1]);
    area += (width * (errors[r - 1] + end)) / 2;
  }
  return area;
}
