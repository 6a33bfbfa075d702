/**
 * From the open range of quality scores to [0, 1], by scores of a reference set (Boutros et al. 2023 leave the range open; nothing bounds
 * a linear unit).
 *
 *     minMax      (q − lowest) / (highest − lowest), held within [0, 1]
 *     quantile    the share of the reference set that scores lower; of equal scores the middle of their ranks
 *
 * Both rise with the score and so keep the order of images. But all scores beyond the reference set become 0 or 1: whoever ranks images or
 * draws an error-versus-discard curve takes the raw scores. The share is kept as at most 101 quantiles and is linear between two of them;
 * it jumps where many references have the same score, as the share itself does. Up to 101 references nothing is lost.
 *
 * Of a constant reference set one can only say lower, equal or higher: 0, 1/2, 1.
 *
 * A calibration is plain data, which JSON keeps as it is.
 */

/** Quantiles that are kept: one for each hundredth, both ends among them. */
const MOST_KNOTS = 101;

export const CALIBRATION_KINDS = ["minMax", "quantile"] as const;
export type CalibrationKind = (typeof CALIBRATION_KINDS)[number];

export type Calibration =
  | {
      readonly kind: "minMax";
      readonly lowest: number;
      readonly highest: number;
      /** Scores that it was made of. */
      readonly references: number;
    }
  | {
      readonly kind: "quantile";
      /** Quantiles 0, 1/(K−1), …, 1 of the reference scores, ascending; 2 ≤ K ≤ 101. */
      readonly knots: readonly number[];
      readonly references: number;
    };

/** @param scores of the reference set, raw, in any order. @throws Error without scores, and for one that is not finite */
export function fitCalibration(scores: ArrayLike<number>, kind: CalibrationKind): Calibration {
  const references = scores.length;
  if (references === 0) throw new Error("calibration: needs at least one reference score; given none.");
  const sorted = Float64Array.from(scores, (score, position) => {
    if (!Number.isFinite(score)) {
      throw new Error(
        `calibration: reference scores must be finite, but score ${position} of ${references} is ${score}.`,
      );
    }
    return score + 0; // −0, which JSON does not keep, becomes 0
  }).sort();
  const [lowest, highest] = ascending([sorted[0], sorted[references - 1]], "lowest and highest");
  return parseCalibration(
    kind === "minMax" ? { kind, lowest, highest, references } : { kind, knots: quantiles(sorted), references },
  );
}

/** The score in [0, 1]; never falls when the score rises. @throws Error for NaN */
export function calibrate(calibration: Calibration, score: number): number {
  if (Number.isNaN(score)) throw new Error("calibrate: a score must be a number, but it is NaN.");
  return calibration.kind === "minMax" ? between(calibration, score) : shareBelow(calibration.knots, score);
}

/** Reads what was stored. @throws Error with a sentence that says what is damaged */
export function parseCalibration(value: unknown): Calibration {
  if (typeof value !== "object" || value === null) throw damaged("an object", inWords(value));
  const { kind, lowest, highest, knots, references } = value as Readonly<Record<string, unknown>>;
  if (!Number.isInteger(references) || (references as number) < 1) throw damaged("references ≥ 1", inWords(references));
  const common = { references: references as number };
  if (kind === "minMax") {
    const [low, high] = ascending([lowest, highest], "lowest and highest");
    return { kind, lowest: low, highest: high, ...common };
  }
  if (kind === "quantile") {
    if (!Array.isArray(knots)) throw damaged("a list of knots", inWords(knots));
    return { kind, knots: ascending(knots, "knots"), ...common };
  }
  throw damaged(`a kind (${CALIBRATION_KINDS.join(" or ")})`, inWords(kind));
}

/** The place of the score between the two ends. */
function between({ lowest, highest }: { readonly lowest: number; readonly highest: number }, score: number): number {
  if (lowest === highest) return score < lowest ? 0 : score > highest ? 1 : 0.5;
  return Math.min(1, Math.max(0, (score - lowest) / (highest - lowest)));
}

/** Knot k stands for the level k / (K − 1). */
function shareBelow(knots: readonly number[], score: number): number {
  const last = knots.length - 1;
  const below = knots.filter((knot) => knot < score).length;
  const upTo = knots.filter((knot) => knot <= score).length;
  if (below > last) return 1;
  if (upTo === 0) return 0;
  if (upTo > below) return (below + upTo - 1) / 2 / last; // on a knot, or on several: the middle of their levels
  const [left, right] = [knots[below - 1], knots[below]];
  return (below - 1 + (score - left) / (right - left)) / last;
}

/** As many quantiles of the sorted scores as there are scores, 2 to 101; linear between two scores. */
function quantiles(sorted: Float64Array): number[] {
  const count = Math.min(MOST_KNOTS, Math.max(2, sorted.length));
  return Array.from({ length: count }, (_, k) => {
    const position = (k * (sorted.length - 1)) / (count - 1);
    const left = sorted[Math.floor(position)];
    const right = sorted[Math.ceil(position)];
    return Math.min(right, left + (right - left) * (position % 1)); // rounding must not carry it past the next score
  });
}

/** 2 to 101 finite numbers that never fall, and whose distances are finite too. */
function ascending(values: readonly unknown[], name: string): number[] {
  if (values.length < 2 || values.length > MOST_KNOTS) throw damaged(`2 to ${MOST_KNOTS} ${name}`, `${values.length}`);
  const numbers = values.map((value, position) => {
    if (typeof value !== "number" || !Number.isFinite(value)) throw damaged(`finite ${name}`, inWords(value));
    const before = values[position - 1];
    if (position > 0 && value < (before as number)) throw damaged(`ascending ${name}`, `${before as number}, ${value}`);
    return value;
  });
  const [first, last] = [numbers[0], numbers[numbers.length - 1]];
  if (!Number.isFinite(last - first)) throw damaged(`${name} whose span is a number`, `${first} … ${last}`);
  return numbers;
}

function damaged(needed: string, given: string): Error {
  return new Error(`calibration: needs ${needed}; given ${given}.`);
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40));
  const text = typeof value === "object" && value !== null ? "an object" : String(value);
  return text === "undefined" ? "nothing" : text;
}
