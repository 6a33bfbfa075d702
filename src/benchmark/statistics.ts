/**
 * What a list of times says: its median, its 10th and 90th percentile, and the median absolute deviation.
 *
 * Times of a program have a hard floor and a long tail (something else ran), so means and standard deviations say little.
 */

export interface Summary {
  readonly median: number;
  /** 10th and 90th percentile. */
  readonly low: number;
  readonly high: number;
  /** Median of |sample − median|. */
  readonly deviation: number;
  /** (high − low) / median: 0.1 reads "within about 5 % up and down". */
  readonly spread: number;
}

/** @throws Error without samples */
export function summarize(samples: readonly number[]): Summary {
  const median = quantile(samples, 0.5);
  const low = quantile(samples, 0.1);
  const high = quantile(samples, 0.9);
  const deviation = quantile(
    samples.map((sample) => Math.abs(sample - median)),
    0.5,
  );
  return { median, low, high, deviation, spread: (high - low) / median };
}

/** The value that a share of the samples lies below; between two samples it is interpolated. @throws Error without samples */
export function quantile(samples: readonly number[], share: number): number {
  if (samples.length === 0) throw new Error("quantile: there is no sample to take one of.");
  const sorted = [...samples].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/**
 * b / a, round by round: what slows the machine down for a while slows down both, and leaves their ratio alone.
 *
 * @param a times of the rounds, in order
 * @param b of the same rounds
 */
export function ratiosByRound(a: readonly number[], b: readonly number[]): number[] {
  if (a.length !== b.length) {
    throw new Error(`ratiosByRound: a round has a time of each; given ${a.length} and ${b.length} times.`);
  }
  return b.map((time, round) => time / a[round]);
}
