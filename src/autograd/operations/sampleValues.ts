/** Sample inputs that stay where a function is defined and away from its kinks, so that differences approach the derivative. */
import type { Random } from "../../tensor/random.js";

type Values = (random: Random, size: number) => number[];

/** Uniform in [low, high). */
export function between(low: number, high: number): Values {
  return (random, size) => Array.from({ length: size }, () => low + (high - low) * random.uniform());
}

/** Standard normal, moved away from each of these points by `gap`. */
export function awayFrom(points: readonly number[], gap = 0.05): Values {
  return (random, size) =>
    Array.from({ length: size }, () => {
      const value = random.normal();
      const near = points.find((point) => Math.abs(value - point) < gap);
      return near === undefined ? value : near + (value < near ? -gap : gap);
    });
}

/** A shuffled arithmetic progression around 0: all values differ by at least `step`, so no two of them tie. */
export function distinct(step = 0.1): Values {
  return (random, size) => {
    const values = Array.from({ length: size }, (_, i) => step * (i - (size - 1) / 2));
    random.shuffle(values);
    return values;
  };
}

/** These very values. */
export function exactly(...values: readonly number[]): Values {
  return () => [...values];
}
