/**
 * Text features by hand: a stand-in for CLIP's text tower, and no more than that.
 *
 * A text is the n-grams of its words' letters (3 to 5 of them, a word's beginning and end counting as letters), weighed by TF-IDF:
 *
 *     w(t, g) = count of g in t · (1 + ln((1 + T) / (1 + texts with g)))
 *
 * and projected on D random directions: x = Σ_g w(t, g) · r_g / ‖…‖ with r_g ∈ {−1, +1}^D, a hash of (seed, g), so that no table of n-grams
 * exists (Achlioptas 2003, "Database-friendly random projections": inner products stay within about 1/√D).
 *
 * Limits: texts are alike that share spellings, whatever they mean ("pear" and "spear" are, "car" and "automobile" are not); the weights
 * depend on all texts given, so features of two lists are not to be compared; made for English, accents are letters of their own.
 */
import { hashBits, stream } from "../tensor/random.js";

export interface TextFeatureOptions {
  /** D, default 256. */
  readonly dimensions?: number;
  /** Letters of an n-gram, default 3 to 5. */
  readonly shortest?: number;
  readonly longest?: number;
  /** Of the random directions; default 0. */
  readonly seed?: number | string;
}

const WORDS = /[\p{L}\p{M}\p{N}]+/gu;
/** Around every word, so that "ape" differs from "grape" in its first n-gram. */
const BOUNDARY = " ";

/**
 * One unit row a text: [T, D]. A pure function of texts, options and seed.
 *
 * @throws Error for settings out of range, or a text without letters and digits, by its number.
 */
export function textFeatures(
  texts: readonly string[],
  { dimensions = 256, shortest = 3, longest = 5, seed = 0 }: TextFeatureOptions = {},
): Float32Array {
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > 65_536) {
    throw new Error(`textFeatures: dimensions is a whole number in 1 .. 65536, given ${dimensions}.`);
  }
  if (!Number.isInteger(shortest) || !Number.isInteger(longest) || shortest < 1 || longest < shortest) {
    throw new Error(
      `textFeatures: n-grams have shortest to longest letters, 1 ≤ shortest ≤ longest; given ${shortest} and ${longest}.`,
    );
  }
  const counts = texts.map((text, index) => countGrams(text, shortest, longest, `textFeatures: text ${index}`));
  const textsWith = new Map<number, number>();
  for (const grams of counts) for (const gram of grams.keys()) textsWith.set(gram, (textsWith.get(gram) ?? 0) + 1);

  const key = stream(seed, "directions of n-grams").key();
  const features = new Float32Array(texts.length * dimensions);
  const row = new Float64Array(dimensions);
  for (const [index, grams] of counts.entries()) {
    row.fill(0);
    for (const [gram, count] of grams) {
      const weight = count * (1 + Math.log((1 + texts.length) / (1 + textsWith.get(gram)!)));
      for (let d = 0, bits = 0; d < dimensions; d++, bits >>>= 1) {
        if (d % 32 === 0) bits = hashBits(key, gram, d / 32);
        row[d] += bits & 1 ? weight : -weight;
      }
    }
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    for (let d = 0; d < dimensions; d++) features[index * dimensions + d] = row[d] / norm;
  }
  return features;
}

/** How often each n-gram, known by its hash, occurs. */
function countGrams(text: string, shortest: number, longest: number, where: string): Map<number, number> {
  const words = text.normalize("NFKC").toLowerCase().match(WORDS) ?? [];
  const counts = new Map<number, number>();
  for (const word of words) {
    const letters = Array.from(BOUNDARY + word + BOUNDARY, (letter) => letter.codePointAt(0)!);
    for (let begin = 0; begin < letters.length; begin++) {
      let hash = FIRST;
      for (let end = begin; end < Math.min(begin + longest, letters.length); end++) {
        hash = Math.imul(hash ^ letters[end], PRIME);
        if (end - begin + 1 >= shortest) counts.set(hash, (counts.get(hash) ?? 0) + 1);
      }
    }
  }
  if (counts.size === 0) {
    const shown = JSON.stringify(text.slice(0, 60));
    throw new Error(
      `${where} has no word long enough for an n-gram of ${shortest} (a word's two ends count): ${shown}.`,
    );
  }
  return counts;
}

/** FNV-1a, a code point at a time: 32 bits tell the tens of thousands of n-grams of a list apart but for a few. */
const FIRST = 0x811c9dc5 | 0;
const PRIME = 0x01000193;
