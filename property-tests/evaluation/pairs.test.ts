/** Drawn pairs of images: of the right kind, none twice, and every pair as likely as any other of its kind. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { randomPairs } from "../../src/evaluation/pairs.js";
import { stream } from "../../src/tensor/random.js";
import { classLabels } from "../arbitraries/embeddings.js";
import { seeds } from "../arbitraries/numbers.js";
import { property } from "../property.js";
import { assertShares } from "../statistics.js";
import { assertAmong } from "./assertions.js";

/** Labels in which two images share a class and a third has another. */
function verifiableLabels(): fc.Arbitrary<number[]> {
  return fc
    .integer({ min: 0, max: 9 })
    .chain((count) => classLabels(count))
    .map((labels) => [4, ...labels, 4, 5]);
}

/** Written out: all pairs i < j of one kind, as "i j". */
function allPairs(labels: readonly number[], same: boolean): string[] {
  return labels.flatMap((a, i) => labels.flatMap((b, j) => (i < j && (a === b) === same ? [`${i} ${j}`] : [])));
}

/** The largest number of pairs that can be drawn, half of each kind. */
function most(labels: readonly number[]): number {
  return 2 * Math.min(allPairs(labels, true).length, allPairs(labels, false).length);
}

function draw(
  labels: readonly number[],
  count: number,
  seed: number | string,
  repetition = 0,
): { same: string[]; different: string[]; kinds: number[] } {
  const { first, second, same } = randomPairs(labels, count, stream(seed, "pairs", repetition));
  const names = Array.from(first, (i, p) => `${i} ${second[p]}`);
  return {
    same: names.filter((_, p) => same[p] === 1),
    different: names.filter((_, p) => same[p] === 0),
    kinds: Array.from(same),
  };
}

describe("drawn pairs", () => {
  property(
    "are distinct pairs i < j of the kind they claim, genuine and impostor in turn",
    [verifiableLabels(), fc.nat(), seeds()],
    (labels, size, seed) => {
      const half = 1 + (size % (most(labels) / 2));
      const drawn = draw(labels, 2 * half, seed);
      assert.deepEqual(drawn.kinds, Array.from({ length: 2 * half }, (_, p) => 1 - (p % 2))); // prettier-ignore
      for (const [names, same] of [
        [drawn.same, true],
        [drawn.different, false],
      ] as const) {
        // prettier-ignore
        const possible = new Set(allPairs(labels, same));
        assert.equal(new Set(names).size, half);
        assertAmong(names, possible, "pair");
      }
    },
  );

  property("are all there are when so many are asked for", [verifiableLabels(), seeds()], (labels, seed) => {
    const drawn = draw(labels, most(labels), seed);
    const genuine = allPairs(labels, true);
    const impostor = allPairs(labels, false);
    if (genuine.length <= impostor.length) assert.deepEqual(drawn.same.sort(), genuine.sort());
    if (impostor.length <= genuine.length) assert.deepEqual(drawn.different.sort(), impostor.sort());
  });

  property("are a function of the labels and the stream", [verifiableLabels(), seeds()], (labels, seed) => {
    assert.deepEqual(draw(labels, 2, seed), draw(labels, 2, seed));
  });

  property(
    "are each as likely as any other of their kind",
    [verifiableLabels(), fc.nat(), fc.integer()],
    (labels, size, seed) => {
      const half = 1 + (size % (most(labels) / 2));
      const draws = 2000;
      const counts = new Map<string, number>();
      for (let repetition = 0; repetition < draws; repetition++) {
        const { same, different } = draw(labels, 2 * half, seed, repetition);
        for (const name of [...same, ...different]) counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      for (const same of [true, false]) {
        const possible = allPairs(labels, same);
        const drawn = possible.map((name) => counts.get(name) ?? 0);
        assertShares(drawn, draws, half / possible.length); // accused wrongly once in 1e9 cases
      }
    },
    { runs: 20 },
  );
});
