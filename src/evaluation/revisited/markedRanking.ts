/**
 * Where the marked images of one query stand in its ranking, without sorting the others: of these it is enough to count how many lie between
 * two marked ones, and they may come in any order and in pieces.
 *
 * Larger scores first, of equal scores the lower number: the order of `topByScore`.
 */
import type { Mark } from "./groundTruth.js";
import type { MarkedImage } from "./protocolScores.js";

export class MarkedRanking {
  /** The marked images, best first. */
  private readonly images: readonly number[];
  private readonly scores: Float64Array;
  /** unmarked[p]: how many unmarked images come after the marked one at p − 1 and before that at p. */
  private readonly unmarked: Float64Array;

  /** @param scores of the database with the query, [N]: those of the marked images are kept, the unmarked ones are counted. */
  constructor(
    private readonly marks: ReadonlyMap<number, Mark>,
    scores: ArrayLike<number>,
  ) {
    this.images = [...marks.keys()].sort((a, b) => scores[b] - scores[a] || a - b);
    this.scores = Float64Array.from(this.images, (image) => scores[image]);
    this.unmarked = new Float64Array(this.images.length + 1);
    for (let image = 0; image < scores.length; image++) if (!marks.has(image)) this.count(image, scores[image]);
  }

  /** One more unmarked image. */
  count(image: number, score: number): void {
    this.unmarked[this.markedBefore(image, score)]++;
  }

  /** The marked images in order, each with the number of unmarked ones before it. */
  result(): MarkedImage[] {
    let unmarkedBefore = 0;
    return this.images.map((image, place) => {
      unmarkedBefore += this.unmarked[place];
      return { mark: this.marks.get(image)!, unmarkedBefore };
    });
  }

  /** By bisection: `low` marked images are known to come before, those from `high` on not to. */
  private markedBefore(image: number, score: number): number {
    let [low, high] = [0, this.images.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.scores[middle];
      if (other > score || (other === score && this.images[middle] < image)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
