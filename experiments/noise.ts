/**
 * What a difference of measured shares has to exceed before a verdict counts it: two standard errors of that difference.
 *
 * A share p of n queries, each a hit or not, has the variance p(1 − p)/n (binomial); variances of shares that are added or taken from
 * each other add up. Queries are taken as independent. The same queries are asked twice, which makes a difference more certain
 * than this says; images of one class hit and miss together, which makes it less so. What another seed would give is not in it: that is why a claim has
 * to hold for every seed.
 */
const ERRORS = 2;

/** @param shares in [0, 1], all that are added or taken from each other @param queries of each of them */
export function noise(shares: readonly number[], queries: number): number {
  return ERRORS * Math.sqrt(shares.reduce((sum, share) => sum + share * (1 - share), 0) / queries);
}

/** a is above b by more than noise. */
export function isAbove(a: number, b: number, queries: number): boolean {
  return a - b > noise([a, b], queries);
}

/** a is below b by no more than noise. */
export function isNotBelow(a: number, b: number, queries: number): boolean {
  return !isAbove(b, a, queries);
}
