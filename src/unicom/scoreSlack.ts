/**
 * What scores in float32 tell for certain about distances: the ground on which k-means leaves out comparisons.
 *
 * A score f of row x and centroid c is off by at most e = γ (‖x‖ C + B) + underflow, γ = (n + 1) u / (1 − (n + 1) u), u = 2⁻²⁴: n products and a
 * bias summed in any order (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1), C the longest centroid, B the largest
 * bias. In exact numbers the score is (‖x‖² − ‖x − c‖²)/2 + m with m = b + ‖c‖²/2, which is 0 but for the rounding of b, and for unit
 * centroids and b = 0 nearly 1/2; μ bounds how far it is from that. So a centroid at distance d or more has a lower score than the one
 * at distance a, in float32 as it is computed, where a² + 4 (e + μ) < d².
 *
 * Scores from an origin o are those of x − o and c − o, both rounded to float32: coordinates are off by a share u, and a score by at most
 * (2 ‖x − o‖ C + C²) u to first order, C then the longest c − o. σ = 2 u (‖x − o‖ + C)² has room for all orders, and is added to e.
 */
import { biasesOf, type Centroids } from "./centroids.js";
import { squaredLength } from "./distances.js";
import { lessOrigin } from "./origin.js";

const UNIT32 = 2 ** -24;
const UNIT64 = 2 ** -53;
/** What a product may lose that is too small for float32, or is taken for 0 there. */
const UNDERFLOW = 2 ** -126;

export class ScoreSlack {
  private readonly longest: number;
  private readonly gamma: number;
  private readonly constant: number;
  /** Relative error of squared distances in float64, with room for the few operations on them, and of coordinates from an origin. */
  private readonly relative: number;
  /** What m is without rounding. */
  private readonly middle: number;

  constructor(centroids: Centroids) {
    const { columns, spherical, origin } = centroids;
    const values = lessOrigin(centroids.values, origin);
    this.middle = spherical ? 0.5 : 0;
    let [longest, largestBias, off] = [0, 0, 0];
    for (const [j, bias] of biasesOf(centroids).entries()) {
      const square = squaredLength(values, j * columns, columns);
      longest = Math.max(longest, square);
      largestBias = Math.max(largestBias, Math.abs(bias));
      off = Math.max(off, Math.abs(bias + square / 2 - this.middle));
    }
    const terms = columns + 1;
    this.longest = Math.sqrt(longest);
    this.gamma = (terms * UNIT32) / (1 - terms * UNIT32);
    this.constant = this.gamma * largestBias + terms * UNDERFLOW + off;
    this.relative = 8 * (columns + 8) * UNIT64 + (origin ? 2 * UNIT32 : 0);
  }

  /** e + μ + σ, and the rounding of float64, for a row of this squared length (from the origin). */
  of(square: number): number {
    const length = Math.sqrt(square);
    return this.gamma * length * this.longest + this.constant + this.relative * (length + this.longest) ** 2;
  }

  /** A distance that every centroid whose score is not above `score` keeps from the row. */
  leastDistance(square: number, score: number): number {
    return Math.sqrt(Math.max(0, square + 2 * this.middle - 2 * score - 2 * this.of(square)));
  }

  /** Whether the centroid at that squared distance has a score above those of all that are at least `least` away. */
  isAhead(square: number, squaredDistance: number, least: number): boolean {
    return least > 0 && squaredDistance + 4 * this.of(square) < least * least;
  }
}
