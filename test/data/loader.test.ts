import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_AUGMENTATION } from "../../src/data/augmentation.js";
import { evaluationBatches } from "../../src/data/evaluationBatches.js";
import { loader } from "../../src/data/loader.js";
import { collect, imageOf, numberedSet } from "./miniatures.js";

const set = numberedSet(23, 4, 3);
const settings = { ...DEFAULT_AUGMENTATION.omniglot, flip: 0.5 };

describe("the loader", () => {
  it("shows every image once an epoch, the short batch included if asked for", async () => {
    const batches = loader({ set, batch: 5, seed: 1, dropLast: false });
    assert.equal(batches.stepsPerEpoch, 5);
    for (const epoch of [0, 3]) {
      const epochBatches = await collect(batches.from(5 * epoch, 5 * epoch + 5));
      assert.deepEqual(
        epochBatches.map((batch) => batch.labels.length),
        [5, 5, 5, 5, 3],
      );
      assert.ok(epochBatches.every((batch) => batch.epoch === epoch));
      const seen = epochBatches.flatMap((batch) => [...batch.indices]).sort((a, b) => a - b);
      assert.deepEqual(
        seen,
        Array.from({ length: 23 }, (_, i) => i),
      );
    }
  });
  it("shows no image twice an epoch and only full batches by default", async () => {
    const batches = await collect(loader({ set, batch: 5, seed: 1 }).from(0, 8));
    assert.deepEqual(
      batches.map((batch) => batch.epoch),
      [0, 0, 0, 0, 1, 1, 1, 1],
    );
    assert.ok(batches.every((batch) => batch.labels.length === 5 && batch.images.length === 5 * 48));
    assert.equal(new Set(batches.slice(0, 4).flatMap((batch) => [...batch.indices])).size, 20);
  });
  it("pairs each image with its own pixels and label", async () => {
    for await (const { images, labels, indices } of loader({ set, batch: 4, seed: 9 }).from(0, 5)) {
      indices.forEach((image, place) => {
        assert.deepEqual([...images.slice(48 * place, 48 * place + 48)], imageOf(set, image));
        assert.equal(labels[place], set.labels[image]);
      });
    }
  });
  it("gives the same batch at a step wherever it started, and in whatever order steps are asked for", async () => {
    const make = () => loader({ set, batch: 5, seed: "s", augmentation: settings, normalise: { mean: 0.5, std: 0.5 } });
    const whole = await collect(make().from(0, 14));
    for (const start of [0, 3, 4, 9, 13]) assert.deepEqual(await collect(make().from(start, 14)), whole.slice(start));
    const asked = make();
    for (const step of [13, 0, 7, 7, 2]) assert.deepEqual(await asked.at(step), whole[step]);
  });
  it("differs from seed to seed and from epoch to epoch, in order and in augmentation", async () => {
    const orders = async (seed: number, epoch: number): Promise<number[]> =>
      (await collect(loader({ set, batch: 23, seed }).from(epoch, epoch + 1))).flatMap((batch) => [...batch.indices]);
    assert.notDeepEqual(await orders(0, 0), await orders(1, 0));
    assert.notDeepEqual(await orders(0, 0), await orders(0, 1));
    const augmented = async (seed: number, epoch: number): Promise<Float32Array> => {
      const batch = await loader({ set, batch: 23, seed, augmentation: settings }).at(epoch);
      const place = batch.indices.indexOf(7);
      return batch.images.slice(48 * place, 48 * place + 48);
    };
    assert.deepEqual(await augmented(0, 0), await augmented(0, 0));
    assert.notDeepEqual(await augmented(0, 0), await augmented(1, 0));
    assert.notDeepEqual(await augmented(0, 0), await augmented(0, 1));
  });
  it("splits into smaller batches without changing an image: gradient accumulation sees the same data", async () => {
    const even = numberedSet(24, 4, 1);
    const whole = loader({ set: even, batch: 8, seed: 5, augmentation: settings });
    const parts = loader({ set: even, batch: 4, seed: 5, augmentation: settings });
    for (let step = 0; step < 6; step++) {
      const [a, b] = [await parts.at(2 * step), await parts.at(2 * step + 1)];
      assert.deepEqual([...(await whole.at(step)).images], [...a.images, ...b.images]);
      assert.deepEqual([...(await whole.at(step)).labels], [...a.labels, ...b.labels]);
    }
  });
  it("goes on for ever unless told where to stop", async () => {
    let taken = 0;
    for await (const batch of loader({ set, batch: 23, seed: 0 }).from(100)) {
      assert.equal(batch.step, 100 + taken);
      if (++taken === 5) break;
    }
    assert.equal(taken, 5);
    assert.deepEqual(await collect(loader({ set, batch: 23, seed: 0 }).from(7, 7)), []);
  });
  it("refuses a batch that is larger than the set, and steps and batches that are none", async () => {
    assert.throws(
      () => loader({ set, batch: 24, seed: 0 }),
      /batch of 24 is larger than the data set \(numbered: 23 images\)/,
    );
    for (const batch of [0, -1, 2.5, NaN])
      assert.throws(() => loader({ set, batch, seed: 0 }), /whole number of images/);
    for (const step of [-1, 0.5, NaN])
      await assert.rejects(loader({ set, batch: 2, seed: 0 }).at(step), /whole number from 0 on/);
    assert.throws(() => loader({ set, batch: 2, seed: 0, augmentation: { flip: 2 } }), /flip/);
  });
});

describe("evaluation batches", () => {
  it("are all images in order, the short batch kept", async () => {
    const batches = await collect(evaluationBatches({ set, batch: 10 }));
    assert.deepEqual(
      batches.map((batch) => [batch.first, batch.labels.length]),
      [
        [0, 10],
        [10, 10],
        [20, 3],
      ],
    );
    assert.deepEqual(
      batches.flatMap((batch) => [...batch.labels]),
      [...set.labels],
    );
    const all = batches.flatMap((batch) => [...batch.images]);
    for (let image = 0; image < 23; image++)
      assert.deepEqual(all.slice(48 * image, 48 * image + 48), imageOf(set, image));
  });
  it("mirror every image if asked to, and normalise", async () => {
    const [plain] = await collect(evaluationBatches({ set, batch: 23 }));
    const [mirrored] = await collect(
      evaluationBatches({ set, batch: 23, mirror: true, normalise: { mean: 0, std: 2 } }),
    );
    plain.images.forEach((value, at) => {
      const mirror = at - (at % 4) + 3 - (at % 4);
      assert.equal(mirrored.images[mirror], value / 2);
    });
  });
  it("may be larger than the set but not empty", async () => {
    assert.equal((await collect(evaluationBatches({ set, batch: 1000 }))).length, 1);
    assert.throws(() => evaluationBatches({ set, batch: 0 }), /at least 1, given 0/);
  });
});
