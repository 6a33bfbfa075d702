/** Tuples of CFCD's local stage: whom they hold, how often each rule is taken, and that they are a function of seed, epoch and step. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { classMembers } from "../../src/data/classMembers.js";
import { byteImageSet } from "../../src/data/ImageSet.js";
import { tuplePlanner, type TuplePlanOptions } from "../../src/data/tuples/planTuples.js";
import { tupleLoader } from "../../src/data/tuples/tupleLoader.js";
import { stream } from "../../src/tensor/random.js";
import { collect } from "../../test/data/miniatures.js";
import { seeds } from "../arbitraries/numbers.js";
import { property } from "../property.js";
import { assertDistribution } from "../statistics.js";

type Task = Required<Pick<TuplePlanOptions, "labels" | "tuple" | "ranks">> & Pick<TuplePlanOptions, "predictions">;

/** Sets with classes of one image, numbers of classes that no image has, and networks that are right, wrong or both. */
const tasks = (withPredictions: fc.Arbitrary<boolean>): fc.Arbitrary<Task> =>
  fc
    .record({
      tuple: fc.integer({ min: 3, max: 6 }),
      sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 5, maxLength: 12 }),
      ranks: fc.integer({ min: 1, max: 3 }),
      errors: fc.constantFrom(0, 0.2, 0.6, 1),
      hasPredictions: withPredictions,
      seed: seeds(),
    })
    .map(({ tuple, sizes, ranks, errors, hasPredictions, seed }) => {
      const random = stream(seed, "labels");
      const labels = Int32Array.from([2, ...sizes].flatMap((size, label) => Array<number>(size).fill(3 * label)));
      random.shuffle(labels);
      const predicted = labels.map((label) =>
        random.uniform() < errors ? 3 * random.integer(sizes.length + 1) : label,
      );
      return { labels, tuple, ranks, predictions: hasPredictions ? { truth: labels, predicted } : undefined };
    });

const epochs = fc.nat({ max: 1000 });
const either = fc.boolean();

/** The tuples of a plan, pass by pass. */
function passesOf(task: Task, seed: number | string, epoch: number): number[][][] {
  const { images, passes } = tuplePlanner(task, seed)(epoch);
  const tuples = Array.from({ length: images.length / task.tuple }, (_, t) => [
    ...images.subarray(t * task.tuple, (t + 1) * task.tuple),
  ]);
  return passes.map((begin, pass) => tuples.slice(begin, passes[pass + 1]));
}

describe("a tuple", () => {
  property(
    "is an anchor, a positive of its class, and negatives of others",
    [tasks(either), seeds(), epochs],
    (task, seed, epoch) => {
      for (const [anchor, positive, ...negatives] of passesOf(task, seed, epoch).flat()) {
        assert.notEqual(anchor, positive);
        assert.equal(task.labels[anchor], task.labels[positive]);
        assert.equal(negatives.length, task.tuple - 2);
        for (const image of negatives) assert.notEqual(task.labels[image], task.labels[anchor]);
      }
    },
  );

  property(
    "has negatives of distinct classes where nothing is predicted",
    [tasks(fc.constant(false)), seeds(), epochs],
    (task, seed, epoch) => {
      for (const tuple of passesOf(task, seed, epoch).flat()) {
        assert.equal(new Set(tuple.map((image) => task.labels[image])).size, task.tuple - 1);
      }
    },
  );

  property(
    "has a recognised positive for a mistaken anchor, while there is an unused one",
    [tasks(fc.constant(true)), seeds(), epochs],
    (task, seed, epoch) => {
      const isRight = (image: number): boolean => task.predictions!.predicted[image] === task.labels[image];
      for (const pass of passesOf(task, seed, epoch)) {
        const used = new Set<number>();
        for (const tuple of pass) {
          const [anchor, positive] = tuple;
          const unused = [...task.labels.keys()].filter(
            (image) => task.labels[image] === task.labels[anchor] && !used.has(image) && image !== anchor,
          );
          if (!isRight(anchor)) assert.equal(isRight(positive), unused.some(isRight));
          tuple.forEach((image) => used.add(image));
        }
      }
    },
  );

  property(
    "takes a hard negative from either pool with its probability, and any other class evenly",
    [seeds()],
    (seed) => {
      // Of the six images of class c three are recognised, three are taken for c + 1 (mod 10): then each pool has an unused image in the first tuple.
      const labels = Int32Array.from({ length: 60 }, (_, image) => Math.floor(image / 6));
      const predicted = labels.map((label, image) => (image % 6 < 3 ? label : (label + 1) % 10));
      const plan = tuplePlanner({ labels, tuple: 3, predictions: { truth: labels, predicted } }, seed);
      const counts = { recognised: [0, 0, 0], mistaken: [0, 0, 0] };
      const anchors = new Array<number>(10).fill(0);
      for (let epoch = 0; epoch < 1500; epoch++) {
        const [anchor, , negative] = plan(epoch).images;
        anchors[labels[anchor]]++;
        const kind = predicted[anchor] === labels[anchor] ? "recognised" : "mistaken";
        const next = (labels[anchor] + 1) % 10;
        counts[kind][predicted[negative] === labels[anchor] ? 0 : labels[negative] === next ? 1 : 2]++;
      }
      assertDistribution(anchors, new Array<number>(10).fill(0.1));
      // A random negative is of each of nine classes alike; three of the six images of class c − 1 are taken for c.
      const [taken, following] = [1 / 18, 1 / 9];
      const share = (hard: readonly [number, number]): number[] => {
        const rest = 1 - hard[0] - hard[1];
        const [a, b] = [hard[0] + rest * taken, hard[1] + rest * following];
        return [a, b, 1 - a - b];
      };
      assertDistribution(counts.recognised, share([0.5, 0]));
      assertDistribution(counts.mistaken, share([0.33, 0.67 * 0.5]));
    },
    { runs: 5 },
  );
});

describe("a pass", () => {
  property("uses every image once at most", [tasks(either), seeds(), epochs], (task, seed, epoch) => {
    for (const pass of passesOf(task, seed, epoch)) assert.equal(new Set(pass.flat()).size, pass.flat().length);
  });

  property(
    "ends when no class has two unused images, or too few have one, and not before",
    [tasks(either), seeds(), epochs],
    (task, seed, epoch) => {
      const passes = passesOf(task, seed, epoch);
      for (const pass of passes.slice(0, -1)) {
        const used = new Set(pass.flat());
        const left = [...classMembers(task.labels).values()].map(
          (images) => images.filter((image) => !used.has(image)).length,
        );
        const isOver = Math.max(...left) < 2 || left.filter((count) => count > 0).length < task.tuple - 1;
        assert.ok(isOver, `of the classes are left ${left.join(", ")}`);
      }
    },
  );
});

describe("an epoch", () => {
  property(
    "has as many images as the set, rounded up to whole tuples on every rank",
    [tasks(either), seeds(), epochs],
    (task, seed, epoch) => {
      const { length } = tuplePlanner(task, seed)(epoch).images;
      const unit = task.tuple * task.ranks;
      let expected = 0;
      while (expected < task.labels.length) expected += unit;
      assert.equal(length, expected);
    },
  );

  property(
    "is a function of seed and epoch, another for others",
    [tasks(either), seeds(), epochs],
    (task, seed, epoch) => {
      const plan = tuplePlanner(task, seed);
      const here = plan(epoch);
      plan(epoch + 1);
      assert.deepEqual(plan(epoch), here);
      assert.deepEqual(tuplePlanner(task, seed)(epoch), here);
      const others = [1, 2, 3].map((k) => plan(epoch + k).images.join());
      assert.notDeepEqual(
        others,
        [1, 2, 3].map(() => here.images.join()),
      );
    },
  );
});

describe("a batch of tuples", () => {
  const SIDE = 4;
  const requests = fc.tuple(tasks(either), seeds()).map(([{ labels, tuple, ranks, predictions }, seed]) => {
    const pixels = Uint8Array.from({ length: labels.length * SIDE ** 2 }, (_, i) => (i * 37) % 251);
    const set = byteImageSet({ name: "labelled", height: SIDE, width: SIDE, channels: 1, pixels, labels });
    const units = Math.max(1, Math.min(2, Math.floor(labels.length / (tuple * ranks))));
    return { set, tuple, ranks, predictions, seed, batch: units * tuple * ranks, augmentation: { crop: {}, flip: 0.5 } };
  }).filter(({ set, batch }) => batch <= set.count); // prettier-ignore
  const steps = fc.nat({ max: 60 });

  property(
    "is the plan's, with its labels, also the last one of an epoch",
    [requests, epochs],
    async (options, epoch) => {
      const { set, batch, tuple, ranks } = options;
      const whole = tupleLoader({ ...options, dropLast: false });
      const batches = await collect(whole.from(epoch * whole.stepsPerEpoch, (epoch + 1) * whole.stepsPerEpoch));
      const { images } = tuplePlanner({ ...options, labels: set.labels }, options.seed)(epoch);
      assert.deepEqual(batches.flatMap(({ indices }) => [...indices]), [...images]); // prettier-ignore
      for (const { indices, labels, epoch: own } of batches) {
        assert.deepEqual([...labels], Array.from(indices, (image) => set.labels[image])); // prettier-ignore
        assert.equal(own, epoch);
        assert.equal(indices.length % (tuple * ranks), 0);
      }
      assert.equal(tupleLoader(options).stepsPerEpoch, Math.floor(images.length / batch));
    },
  );

  property(
    "is the same wherever the loader started and whatever was asked before",
    [requests, steps, fc.array(steps, { maxLength: 3 }), fc.nat({ max: 5 })],
    async (options, step, before, ahead) => {
      const expected = await tupleLoader(options).at(step);
      const used = tupleLoader(options);
      for (const other of before) await used.at(other);
      assert.deepEqual(await used.at(step), expected);
      const walked = await collect(tupleLoader(options).from(Math.max(0, step - ahead), step + 1));
      assert.deepEqual(walked.at(-1), expected);
    },
  );

  property(
    "of two tuples is two batches of one, changes of images included",
    [tasks(either).filter(({ labels, tuple }) => labels.length >= 2 * tuple), seeds()],
    async (task, seed) => {
      const { labels, tuple, predictions } = task;
      const count = labels.length;
      const pixels = Uint8Array.from({ length: count * SIDE ** 2 }, (_, i) => (i * 37) % 251);
      const set = byteImageSet({ name: "labelled", height: SIDE, width: SIDE, channels: 1, pixels, labels });
      const options = { set, tuple, predictions, seed, augmentation: { crop: {}, flip: 0.5 } };
      const whole = await tupleLoader({ ...options, batch: 2 * tuple }).at(0);
      const halves = await collect(tupleLoader({ ...options, batch: tuple }).from(0, 2));
      assert.deepEqual([...whole.images], halves.flatMap(({ images }) => [...images])); // prettier-ignore
    },
  );
});
