/**
 * Which dimensions a step selects (Unicom, section 3) is a function of (seed, step), and of the rank where each has its own; all are selected equally
 * often, and what one step selects tells nothing of the next.
 *
 * False alarms: at most 1e-9 a check, whatever the number of draws (statistics.ts).
 */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { parameter } from "../../src/autograd/index.js";
import { cosFace } from "../../src/pfc/margins/cosFace.js";
import { PartialFC, type PartialFCOptions } from "../../src/pfc/partialFC.js";
import { seededFeatures, type FeatureSampler } from "../../src/pfc/sampleFeatures.js";
import { seeds } from "../arbitraries/numbers.js";
import { exact } from "../engines.js";
import { property } from "../property.js";
import { assertShares } from "../statistics.js";

/** d, and f < d. */
const sizes = fc
  .tuple(fc.integer({ min: 2, max: 9 }), fc.nat())
  .map(([embedding, wanted]) => ({ embedding, features: 1 + (wanted % (embedding - 1)) }));
const masks = fc.constantFrom("shared" as const, "per-rank" as const);

/** Of each dimension: in how many of the pairs of draws it is in both. */
function together(pairs: readonly (readonly [Int32Array, Int32Array])[], embedding: number): number[] {
  return Array.from(
    { length: embedding },
    (_, column) => pairs.filter(([a, b]) => a.includes(column) && b.includes(column)).length,
  );
}

const PAIRS = 400;
const pairsOf = (draw: (pair: number) => readonly [Int32Array, Int32Array]): (readonly [Int32Array, Int32Array])[] =>
  Array.from({ length: PAIRS }, (_, pair) => draw(pair));

describe("the selections of one seed", () => {
  property(
    "have every dimension equally often over the steps, and one step tells nothing of the next",
    [sizes, masks, seeds()],
    ({ embedding, features }, mask, seed) => {
      const sampler = seededFeatures(seed, mask);
      const at = (step: number): Int32Array => sampler({ embedding, features, step, rank: 0 });
      const pairs = pairsOf((pair) => [at(2 * pair), at(2 * pair + 1)]);
      const alone = Array.from({ length: embedding }, (_, column) => pairs.filter(([a]) => a.includes(column)).length);
      assertShares(alone, PAIRS, features / embedding);
      assertShares(together(pairs, embedding), PAIRS, (features / embedding) ** 2);
    },
    { runs: 12 },
  );

  property(
    "are one for all ranks if shared, and each rank's own otherwise",
    [sizes, seeds(), fc.integer({ min: 1, max: 7 })],
    ({ embedding, features }, seed, rank) => {
      const at = (sampler: FeatureSampler, step: number, of: number): Int32Array =>
        sampler({ embedding, features, step, rank: of });
      const [shared, own] = [seededFeatures(seed, "shared"), seededFeatures(seed, "per-rank")];
      for (let step = 0; step < 10; step++) assert.deepEqual(at(shared, step, rank), at(shared, step, 0));
      const pairs = pairsOf((step) => [at(own, step, 0), at(own, step, rank)]);
      assertShares(together(pairs, embedding), PAIRS, (features / embedding) ** 2);
    },
    { runs: 12 },
  );
});

describe("a head that selects", () => {
  const CLASSES = 12;
  const headOf = (options: Partial<PartialFCOptions> & Pick<PartialFCOptions, "embedding" | "seed">): PartialFC =>
    new PartialFC(exact, { classes: CLASSES, ratio: 0.5, margin: cosFace({ scale: 8 }), ...options });
  /** What it selected and sampled at these steps. */
  const told = (head: PartialFC, steps: readonly number[]): { features?: Int32Array; classes: Int32Array }[] =>
    steps.map((step) =>
      exact.scope(() => {
        head.loss(parameter(exact.full([2, head.embedding], 1)), Int32Array.of(0, 5), step);
        head.centers.clear();
        return { features: head.lastFeatures, classes: head.lastSample!.index };
      }),
    );

  property(
    "selects what (seed, step) name, in whatever order steps are asked for, and samples the same classes as without",
    [sizes, seeds(), fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 6 })],
    ({ embedding, features }, seed, steps) => {
      const [head, plain] = [headOf({ embedding, features, seed }), headOf({ embedding, seed })];
      const backwards = [...steps].reverse();
      const found = told(head, steps);
      assert.deepEqual(told(head, backwards), [...found].reverse());
      const without = told(plain, steps);
      const sampler = seededFeatures(seed, "shared");
      for (const [i, step] of steps.entries()) {
        assert.deepEqual(found[i].features, sampler({ embedding, features, step, rank: 0 }));
        assert.deepEqual(without[i], { features: undefined, classes: found[i].classes });
      }
      for (const made of [head, plain]) made.dispose();
    },
    { runs: 50 },
  );
});
