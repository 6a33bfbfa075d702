/** The order in which a query meets the images of a gallery: larger scores first, of equal scores the lower index. */

/** Image numbers 0 … N−1 by falling score, without the image `leaveOut`: [N] → [N] or [N−1]. No score is NaN. */
export function rankByScore(scores: Float64Array, leaveOut = -1): Int32Array {
  return Int32Array.from({ length: scores.length }, (_, image) => image)
    .filter((image) => image !== leaveOut)
    .sort((a, b) => (scores[a] === scores[b] ? a - b : scores[b] - scores[a]));
}
