/**
 * Which centroids have moved so far that rows have to be compared with them again.
 *
 * After a few iterations most centroids stand still and a few still travel. All drifts up to a threshold τ are taken for τ: a row whose
 * centroid is nearer than its bound less τ need only meet the restless ones, which moved further. With τ = 0 those are the centroids
 * that moved at all (Kaukoranta, Fränti and Nevalainen 2000, "A fast exact GLA based on code vector activity detection"); with all
 * centroids calm τ is the largest drift, the test of Hamerly (2010), "Making k-means even faster".
 */
import type { Centroids } from "./centroids.js";
import { squaredDistance } from "./distances.js";

export interface Drift {
  /** ‖c′ − c‖ of every centroid, not less than it is. */
  readonly each: Float64Array;
  readonly largest: number;
}

export function driftOf(before: Centroids, after: Centroids): Drift {
  const { columns } = after;
  const roundedUp = 1 + (columns + 8) * 2 ** -52;
  const each = new Float64Array(after.values.length / columns);
  for (let j = 0; j < each.length; j++) {
    const square = squaredDistance(before.values, j * columns, after.values, j * columns, columns);
    each[j] = Math.sqrt(square) * roundedUp;
  }
  return { each, largest: each.reduce((most, drift) => Math.max(most, drift), 0) };
}

export interface Restless {
  /** τ: no other centroid moved further. */
  readonly threshold: number;
  /** The centroids that did, ascending. */
  readonly index: Int32Array;
}

/** Shares of the centroids that may count as restless, beside those that moved at all. */
const SHARES = [1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64, 0];

/** The threshold with the fewest scores to compute, as far as `gaps` (bound less distance of each row, as they were) tell. */
export function chooseRestless({ each, largest }: Drift, gaps: Float64Array): Restless {
  const sorted = each.toSorted().reverse();
  const thresholds = [0, ...SHARES.map((share) => sorted[Math.floor(share * (each.length - 1))])];
  let best = { threshold: 0, cost: Infinity };
  for (const threshold of new Set(thresholds)) {
    let [open, some] = [0, 0];
    for (const gap of gaps) {
      if (gap <= threshold) open++;
      else if (gap <= largest) some++;
    }
    const restless = each.reduce((count, drift) => count + Number(drift > threshold), 0);
    const cost = open * each.length + some * restless;
    if (cost < best.cost) best = { threshold, cost };
  }
  const index = Int32Array.from(each.keys()).filter((j) => each[j] > best.threshold);
  return { threshold: best.threshold, index };
}
