/** The loader: batches as a function of the step, and what is done to an image as a function of (seed, epoch, image). */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import type { Augmentation } from "../../src/data/augmentation.js";
import { loader, type Batch, type LoaderOptions } from "../../src/data/loader.js";
import { collect, imageOf, numberedSet } from "../../test/data/miniatures.js";
import { seeds } from "../arbitraries/numbers.js";
import { property } from "../property.js";

/** Everything that changes an image, so that whatever is drawn shows in its pixels. */
const AUGMENTATION: Augmentation = {
  affine: { rotation: 30, scale: 20, shear: 10, translation: 20 },
  flip: 0.5,
  erase: { probability: 0.5 },
};

const SIDE = 4;
const PIXELS = SIDE * SIDE;

const augmentations = fc.option(fc.constant(AUGMENTATION), { nil: undefined });

/** Sets of one image and batches of all images among them. */
const requests: fc.Arbitrary<LoaderOptions> = fc.integer({ min: 1, max: 40 }).chain((count) =>
  fc.record({
    set: fc.constant(numberedSet(count, SIDE)),
    batch: fc.integer({ min: 1, max: count }),
    seed: seeds(),
    augmentation: augmentations,
    dropLast: fc.boolean(),
  }),
);
const epochs = fc.oneof(fc.constant(0), fc.nat({ max: 1000 }));

function epochOf(options: LoaderOptions, epoch: number): Promise<Batch[]> {
  const batches = loader(options);
  return collect(batches.from(epoch * batches.stepsPerEpoch, (epoch + 1) * batches.stepsPerEpoch));
}

/** The pixels that an image has in these batches. */
function pixelsOf(batches: readonly Batch[]): Map<number, number[]> {
  return new Map(
    batches.flatMap(({ images, indices }) =>
      Array.from(
        indices,
        (image, place) => [image, [...images.subarray(place * PIXELS, (place + 1) * PIXELS)]] as const,
      ),
    ),
  );
}

describe("an epoch", () => {
  property("shows each image once, or leaves out less than a batch", [requests, epochs], async (options, epoch) => {
    const { set, batch, dropLast } = options;
    const batches = await epochOf(options, epoch);
    const seen = batches.flatMap(({ indices }) => [...indices]);
    assert.equal(new Set(seen).size, seen.length, "an image twice");
    assert.ok(seen.every((image) => image >= 0 && image < set.count));
    assert.equal(seen.length, dropLast ? set.count - (set.count % batch) : set.count);
    for (const [position, { indices, step, epoch: own }] of batches.entries()) {
      if (dropLast || position < batches.length - 1) assert.equal(indices.length, batch);
      assert.deepEqual([own, step], [epoch, epoch * batches.length + position]);
    }
  });

  property(
    "gives every image its own label and, without augmentation, its own pixels",
    [requests, epochs],
    async (options, epoch) => {
      const { set } = options;
      for (const { images, indices, labels } of await epochOf({ ...options, augmentation: undefined }, epoch)) {
        assert.deepEqual(
          [...labels],
          Array.from(indices, (image) => set.labels[image]),
        );
        assert.deepEqual(
          [...images],
          Array.from(indices, (image) => imageOf(numberedSet(set.count, SIDE), image)).flat(),
        );
      }
    },
  );

  property(
    "has an order of its own, and so has every seed",
    [fc.integer({ min: 30, max: 60 }), seeds(), epochs],
    async (count, seed, epoch) => {
      const order = async (own: number | string, at: number): Promise<number[]> => {
        const [{ indices }] = await epochOf({ set: numberedSet(count, SIDE), batch: count, seed: own }, at);
        return [...indices];
      };
      const here = await order(seed, epoch);
      assert.notDeepEqual(here, await order(seed, epoch + 1)); // equal by chance once in 30! times
      assert.notDeepEqual(here, await order(`${seed}'`, epoch));
    },
    { runs: 50 },
  );
});

describe("a batch", () => {
  property(
    "is the same wherever the loader started and whatever was asked before",
    [requests, fc.nat({ max: 300 }), fc.array(fc.nat({ max: 300 }), { maxLength: 5 }), fc.nat({ max: 6 })],
    async (options, step, before, ahead) => {
      const expected = await loader(options).at(step);
      const used = loader(options);
      for (const other of before) await used.at(other);
      assert.deepEqual(await used.at(step), expected);
      const walked = await collect(loader(options).from(Math.max(0, step - ahead), step + 1));
      assert.deepEqual(walked.at(-1), expected);
      assert.equal(walked.length, Math.min(step, ahead) + 1);
    },
  );

  property(
    "is the same when it is asked for at the same time as others",
    [requests, fc.array(fc.nat({ max: 300 }), { minLength: 1, maxLength: 5 })],
    async (options, steps) => {
      const shared = loader(options);
      const together = await Promise.all(steps.map((step) => shared.at(step)));
      for (const [position, step] of steps.entries())
        assert.deepEqual(together[position], await loader(options).at(step));
    },
  );

  const divided = fc
    .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }))
    .map(([part, parts, batches]) => ({ part, parts, count: part * parts * batches }));

  property(
    "of B images is k batches of B/k, pixel for pixel",
    [divided, seeds(), augmentations, fc.nat({ max: 100 })],
    async ({ part, parts, count }, seed, augmentation, step) => {
      const set = numberedSet(count, SIDE);
      const whole = await loader({ set, batch: part * parts, seed, augmentation }).at(step);
      const small = await collect(
        loader({ set, batch: part, seed, augmentation }).from(step * parts, (step + 1) * parts),
      );
      assert.deepEqual(
        small.flatMap(({ images }) => [...images]),
        [...whole.images],
      );
      assert.deepEqual(
        small.flatMap(({ labels }) => [...labels]),
        [...whole.labels],
      );
    },
  );
});

describe("augmentation", () => {
  property(
    "is a function of seed, epoch and image, not of the batch that the image is in",
    [requests, requests, epochs],
    async (options, { batch }, epoch) => {
      const other = { ...options, batch: Math.min(batch, options.set.count) };
      const [first, second] = [options, other].map((own) => ({ ...own, augmentation: AUGMENTATION, dropLast: false }));
      assert.deepEqual(
        [...pixelsOf(await epochOf(first, epoch))].sort(byImage),
        [...pixelsOf(await epochOf(second, epoch))].sort(byImage),
      );
    },
  );

  property(
    "differs between epochs, between seeds and between images",
    [seeds(), epochs],
    async (seed, epoch) => {
      const [first, many] = [numberedSet(1, SIDE), numberedSet(20, SIDE)];
      const set = { ...many, read: (_: number, out: Float32Array, offset?: number) => first.read(0, out, offset) }; // twenty times one image
      const augmented = async (own: number | string, at: number): Promise<Map<number, number[]>> =>
        pixelsOf(await epochOf({ set, batch: 20, seed: own, augmentation: AUGMENTATION }, at));
      const here = await augmented(seed, epoch);
      // an affine map of real numbers: no two are equal but where all of the image is erased or moved out of sight
      const different = (a: Map<number, number[]>, b: Map<number, number[]>): number =>
        [...a].filter(([image, pixels]) => pixels.join() !== b.get(image)!.join()).length;
      assert.ok(different(here, await augmented(seed, epoch + 1)) > 10);
      assert.ok(different(here, await augmented(`${seed}'`, epoch)) > 10);
      assert.ok(new Set([...here.values()].map((pixels) => pixels.join())).size > 10);
    },
    { runs: 50 },
  );
});

function byImage([a]: readonly [number, unknown], [b]: readonly [number, unknown]): number {
  return a - b;
}
