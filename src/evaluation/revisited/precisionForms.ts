/**
 * Average precision of one ranking in which every positive image counts, and precision at k: the numbers of Oxford and Paris.
 *
 * There are two forms, which differ in what precision means between two positives. With r₀ < r₁ < … the zero-based positions of the
 * positives, of which there are P:
 *
 *     trapezoid    (1/P) · Σⱼ ½ · (j/rⱼ + (j + 1)/(rⱼ + 1)), the first term being 1 where rⱼ = 0
 *     precisions   (1/P) · Σⱼ (j + 1)/(rⱼ + 1)
 *
 * The benchmark's code (Philbin et al., CVPR 2007; Radenović et al., CVPR 2018) takes the first, the area under the curve of precision over recall
 * with straight lines between its points; text books take the second. Numbers of the two are not comparable: the second is never smaller.
 */

export type PrecisionForm = "trapezoid" | "precisions";

/**
 * In [0, 1].
 *
 * @param positions of the positives that the ranking holds, zero-based and rising
 * @param positives how many there are in all; those that a short ranking lacks add nothing
 * @throws Error for positions that do not rise or are more than the positives, and when nothing is positive
 */
export function averagePrecisionAt(
  positions: ArrayLike<number>,
  positives: number,
  form: PrecisionForm = "trapezoid",
): number {
  checkPositions(positions, positives);
  let sum = 0;
  for (let j = 0; j < positions.length; j++) {
    const position = positions[j];
    const after = (j + 1) / (position + 1);
    const before = position === 0 ? 1 : j / position;
    sum += form === "trapezoid" ? (before + after) / 2 : after;
  }
  return sum / positives;
}

/**
 * The share of positives among the first k, in [0, 1]; where the last positive is found before that, among those up to it: a query is not
 * blamed for having few positives.
 *
 * @param positions as above; a ranking that holds none of them has precision 0
 * @param positives as above; one that a short ranking lacks comes after the first k
 */
export function precisionAt(positions: ArrayLike<number>, positives: number, k: number): number {
  checkKappa(k);
  checkPositions(positions, positives);
  const looked = positions.length === positives ? Math.min(k, positions[positions.length - 1] + 1) : k;
  return Array.from(positions).filter((position) => position < looked).length / looked;
}

/** @throws Error unless precision at k means something. */
export function checkKappa(k: number): void {
  if (!Number.isInteger(k) || k < 1) throw new Error(`precisionAt: k is a whole number ≥ 1, given ${k}.`);
}

function checkPositions(positions: ArrayLike<number>, positives: number): void {
  if (!Number.isInteger(positives) || positives < 1 || positions.length > positives) {
    throw new Error(
      `average precision: one or more positives are needed, and no more positions than these; given ${positions.length} positions and ${positives} positives.`,
    );
  }
  for (let j = 0; j < positions.length; j++) {
    if (!Number.isInteger(positions[j]) || positions[j] < 0 || (j > 0 && positions[j] <= positions[j - 1])) {
      throw new Error(
        `average precision: positions are whole numbers ≥ 0 that rise, but position ${j} is ${positions[j]}${j > 0 ? ` after ${positions[j - 1]}` : ""}.`,
      );
    }
  }
}
