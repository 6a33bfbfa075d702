/**
 * Is this the distribution it should be? Tests whose false alarms are bounded for every number of draws.
 *
 * Properties run with random seeds, thousands of cases a night: a test that is wrong once in a thousand would cry wolf. The usual
 * quantiles of χ² hold in the limit only and say nothing at 1e-9; the bounds below are theorems for finite numbers of draws. G is
 * the likelihood-ratio form of the χ² statistic.
 */
import assert from "node:assert/strict";

/** How often a sound sampler is accused, at most, per assertion. */
export const FALSE_ALARM = 1e-9;

/**
 * Draws that fell into cells with these counts come from these probabilities.
 *
 * G/2 = n·KL(counts/n ‖ p), and the probability that it exceeds x > d = cells − 1 is at most e^(d − x)·(x/d)^d: Markov's inequality,
 * with the moment-generating function bound E e^(t·G/2) <= (1 − t)^−d (Agrawal 2020, "Finite-sample concentration of the
 * multinomial in relative entropy") at its best t = 1 − d/x.
 */
export function assertDistribution(counts: readonly number[], probabilities: readonly number[]): void {
  const draws = counts.reduce((sum, count) => sum + count, 0);
  const halfG = counts.reduce(
    (sum, count, cell) => (count === 0 ? sum : sum + count * Math.log(count / (draws * probabilities[cell]))),
    0,
  );
  const bound = largestHalfG(counts.length - 1);
  assert.ok(halfG <= bound, `G/2 = ${halfG} over ${counts.length} cells and ${draws} draws (at most ${bound})`);
}

/** x with e^(d − x)·(x/d)^d = FALSE_ALARM, by bisection; with a single cell G is 0. */
function largestHalfG(d: number): number {
  if (d === 0) return 1e-9; // rounding
  let [low, high] = [d, d + 1000];
  while (high - low > 1e-6 * high) {
    const middle = (low + high) / 2;
    if (d - middle + d * Math.log(middle / d) > Math.log(FALSE_ALARM)) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * Each of these events happened in about `probability` of the trials (events of one trial may depend on each other).
 *
 * Chernoff: a share of successes is as far from p as q with a probability of at most 2·e^(−n·KL(q ‖ p)); all events together are
 * accused no more often than the sum of theirs.
 */
export function assertShares(successes: readonly number[], trials: number, probability: number): void {
  const bound = Math.log((2 * successes.length) / FALSE_ALARM);
  for (const [event, count] of successes.entries()) {
    const distance = trials * binaryEntropy(count / trials, probability);
    assert.ok(
      distance <= bound,
      `event ${event}: ${count} of ${trials}, expected a share of ${probability} (${distance} exceeds ${bound})`,
    );
  }
}

/** KL of two coins: q·log(q/p) + (1 − q)·log((1 − q)/(1 − p)). */
function binaryEntropy(q: number, p: number): number {
  const term = (a: number, b: number): number => (a === 0 ? 0 : a * Math.log(a / b));
  return term(q, p) + term(1 - q, 1 - p);
}
