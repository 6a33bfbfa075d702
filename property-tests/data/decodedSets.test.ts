/** Sets whose images are decoded while others are trained on: the batches are those of a set in memory, and damage is told in its turn. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { evaluationBatches } from "../../src/data/evaluationBatches.js";
import type { HostImageSet, ImageSet } from "../../src/data/ImageSet.js";
import { loader } from "../../src/data/loader.js";
import { collect, numberedSet } from "../../test/data/miniatures.js";
import { seeds } from "../arbitraries/numbers.js";
import { property } from "../property.js";

const SIDE = 3;

/** The same set, but every image arrives some turns of the event loop later, each after a number of turns of its own. */
function decodedLater(set: HostImageSet, broken = -1): ImageSet {
  return {
    ...set,
    read: async (index, out, offset) => {
      for (let turns = (index * 7) % 5; turns >= 0; turns--) await nextTurn();
      if (index === broken) throw new Error(`image ${index} is damaged`);
      set.read(index, out, offset);
    },
  };
}

const requests = fc.integer({ min: 1, max: 12 }).chain((count) =>
  fc.record({
    count: fc.constant(count),
    batch: fc.integer({ min: 1, max: count }),
    seed: seeds(),
    first: fc.nat({ max: 5 }),
    steps: fc.integer({ min: 1, max: 4 }),
    augmentation: fc.option(fc.constant({ flip: 0.5, erase: { probability: 0.5 } }), { nil: undefined }),
  }),
);

describe("a set that is decoded while it is read", () => {
  property(
    "gives the batches of the same set in memory",
    [requests],
    async ({ count, first, steps, ...options }) => {
      const set = numberedSet(count, SIDE);
      const expected = await collect(loader({ ...options, set }).from(first, first + steps));
      const later = await collect(loader({ ...options, set: decodedLater(set) }).from(first, first + steps));
      assert.deepEqual(later, expected);
    },
    { runs: 50 },
  );

  property(
    "is evaluated in the order of its images",
    [requests],
    async ({ count, batch }) => {
      const set = numberedSet(count, SIDE);
      const expected = await collect(evaluationBatches({ set, batch }));
      assert.deepEqual(await collect(evaluationBatches({ set: decodedLater(set), batch })), expected);
    },
    { runs: 50 },
  );

  property(
    "with a damaged image gives the batches before it, and then its error",
    [requests, fc.nat()],
    async ({ count, batch, seed }, number) => {
      const set = numberedSet(count, SIDE);
      const broken = number % count;
      const sound = await collect(loader({ set, batch, seed, dropLast: false }).from(0, Math.ceil(count / batch)));
      const before = sound.findIndex(({ indices }) => indices.includes(broken));
      const seen: number[] = [];
      await assert.rejects(
        async () => {
          const batches = loader({ set: decodedLater(set, broken), batch, seed, dropLast: false });
          for await (const { step } of batches.from(0, sound.length)) seen.push(step);
        },
        new RegExp(`image ${broken} is damaged`),
      );
      assert.deepEqual(
        seen,
        sound.slice(0, before).map(({ step }) => step),
      );
    },
    { runs: 50 },
  );
});
