/**
 * Text features are TF-IDF projected on random directions, one for each n-gram, named by the seed.
 *
 * With n-grams of three letters a word of one letter is a single n-gram, its two ends being letters. So the feature of a text "a" is the direction of
 * that n-gram, and those of longer texts follow from them.
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { textFeatures } from "../../src/data/textFeatures.js";
import { seeds } from "../arbitraries/numbers.js";
import { property } from "../property.js";
import { assertShares } from "../statistics.js";

const LETTERS = ["a", "b", "c", "d"];
const D = 512;
const OPTIONS = { dimensions: D, shortest: 3, longest: 3 };

const rowsOf = (features: Float32Array): number[][] =>
  Array.from({ length: features.length / D }, (_, row) => [...features.subarray(row * D, (row + 1) * D)]);

/** r_g of every letter: ±1. */
function directionsOf(seed: number | string): number[][] {
  return rowsOf(textFeatures(LETTERS, { ...OPTIONS, seed })).map((row) => row.map(Math.sign));
}

const agreements = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((count, value, d) => count + Number(value === b[d]), 0);

describe("text features", () => {
  property(
    "are sums of the directions of their n-grams, weighed by count and rarity, over their length",
    [
      fc.array(fc.array(fc.constantFrom(...LETTERS), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 6 }),
      seeds(),
    ],
    (words, seed) => {
      const directions = directionsOf(seed);
      const found = rowsOf(textFeatures(words.map((text) => text.join(" ")), { ...OPTIONS, seed })); // prettier-ignore
      for (const [t, text] of words.entries()) {
        const weights = LETTERS.map((letter) => {
          const count = text.filter((word) => word === letter).length;
          const texts = words.filter((other) => other.includes(letter)).length;
          return count * (1 + Math.log((1 + words.length) / (1 + texts)));
        });
        const sums = Array.from({ length: D }, (_, d) =>
          weights.reduce((sum, weight, letter) => sum + weight * directions[letter][d], 0),
        );
        const length = Math.hypot(...sums);
        for (const [d, sum] of sums.entries()) {
          // float64 but for the last rounding, of a number below 1
          const off = Math.abs(found[t][d] - sum / length);
          if (off > 2 ** -25 + 1e-13) assert.fail(`text ${t}, dimension ${d}: ${found[t][d]}, not ${sum / length}`);
        }
      }
    },
    { runs: 40 },
  );

  property(
    "have directions of one length that agree with each other, and with those of another seed, by chance only (false alarms: 1e-9 a case)",
    [seeds(), seeds()],
    (seed, other) => {
      const [first, second] = [directionsOf(seed), directionsOf(other)];
      for (const row of first) assert.ok(row.every((sign) => sign === 1 || sign === -1), "a sign is no sign"); // prettier-ignore
      const pairs = [[first[0], first[1]], [first[2], first[3]]]; // prettier-ignore
      if (seed !== other) pairs.push(...first.map((row, letter) => [row, second[letter]]));
      assertShares(pairs.map(([a, b]) => agreements(a, b)), D, 1 / 2); // prettier-ignore
    },
    { runs: 40 },
  );
});
