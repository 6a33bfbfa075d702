import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { textFeatures } from "../../src/data/textFeatures.js";

const TEXTS = [
  "red apple fruit",
  "green apple fruit pie",
  "race car",
  "sports car, red",
  "Åland’s flag",
  "grape",
  "ape",
];

/** The definition with texts for n-grams and no projection: unit rows over all n-grams that occur. */
function exactCosines(texts: readonly string[], shortest: number, longest: number): number[][] {
  const grams = texts.map((text) => {
    const counts: Record<string, number> = {};
    for (const word of text
      .toLowerCase()
      .split(/[^a-zå]+/)
      .filter((part) => part !== "")) {
      for (let n = shortest; n <= longest; n++) {
        for (let at = 0; at + n <= word.length + 2; at++) {
          const gram = `_${word}_`.slice(at, at + n);
          counts[gram] = (counts[gram] ?? 0) + 1;
        }
      }
    }
    return counts;
  });
  const all = [...new Set(grams.flatMap((counts) => Object.keys(counts)))];
  const rows = grams.map((counts) => {
    const row = all.map((gram) => {
      const withGram = grams.filter((other) => gram in other).length;
      return (counts[gram] ?? 0) * (1 + Math.log((1 + texts.length) / (1 + withGram)));
    });
    const norm = Math.hypot(...row);
    return row.map((value) => value / norm);
  });
  return rows.map((a) => rows.map((b) => a.reduce((sum, value, i) => sum + value * b[i], 0)));
}

function cosine(features: Float32Array, dimensions: number, a: number, b: number): number {
  let sum = 0;
  for (let d = 0; d < dimensions; d++) sum += features[a * dimensions + d] * features[b * dimensions + d];
  return sum;
}

describe("text features", () => {
  for (const [shortest, longest] of [
    [3, 5],
    [1, 2],
  ]) {
    it(`keep the cosines of TF-IDF over n-grams of ${shortest} to ${longest} letters`, () => {
      // the error of a cosine has a deviation of 1/√D at most: 1/256; the seed is fixed
      const dimensions = 65_536;
      const features = textFeatures(TEXTS, { dimensions, shortest, longest });
      const exact = exactCosines(TEXTS, shortest, longest);
      for (const [a, row] of exact.entries()) {
        for (const [b, expected] of row.entries()) {
          const found = cosine(features, dimensions, a, b);
          assert.ok(Math.abs(found - expected) < 4 / 256, `${TEXTS[a]} | ${TEXTS[b]}: ${found}, not ${expected}`);
        }
      }
      assert.ok(exact[0][1] > 0.3 && exact[5][6] > 0.2); // so that there is something to keep
    });
  }
  it("are a function of texts, options and seed", () => {
    const first = textFeatures(TEXTS);
    assert.equal(first.length, TEXTS.length * 256);
    assert.deepEqual(textFeatures(TEXTS), first);
    assert.notDeepEqual(textFeatures(TEXTS, { seed: 1 }), first);
    // of fewer directions the signs are the same ones
    const [whole, part] = [textFeatures(["one"], { dimensions: 64 }), textFeatures(["one"], { dimensions: 40 })];
    assert.deepEqual([...part].map(Math.sign), [...whole].slice(0, 40).map(Math.sign));
  });
  it("of no text are none", () => {
    assert.deepEqual(textFeatures([]), new Float32Array(0));
  });
  it("refuse a text without a word, and settings out of range", () => {
    assert.throws(() => textFeatures(["a word", ":-) !"]), /text 1 has no word .*: ":-\) !"/);
    assert.throws(() => textFeatures(["a"], { shortest: 4 }), /text 0 has no word long enough for an n-gram of 4/);
    assert.throws(
      () => textFeatures(["a"], { dimensions: 0 }),
      /dimensions is a whole number in 1 \.\. 65536, given 0/,
    );
    assert.throws(() => textFeatures(["a"], { shortest: 4, longest: 3 }), /given 4 and 3/);
  });
});
