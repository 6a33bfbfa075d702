import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { QualityNetwork } from "../../src/crfiqa/index.js";
import { Flatten, Sequential } from "../../src/nn/index.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import type { QualityModel } from "../../src/training/qualityModel.node.js";
import { scoreEmbeddings } from "../../src/training/scoreImages.js";
import type { ImageSource } from "../../src/training/imageSource.js";
import { scoreSource } from "../../src/training/scoreSource.js";

/** Images of two pixels by two; the score is 8 times the first pixel, less the last. */
const SIDE = 2;
const engine = new ReferenceEngine("float32");
let network: QualityNetwork;

before(() => {
  network = new QualityNetwork(new Sequential([new Flatten()]), SIDE * SIDE).allocate(engine, 0);
  network.loadStateDictionary(
    new Map([
      ["qs.weight", { shape: [1, 4], data: [8, 0, 0, -1] }],
      ["qs.bias", { shape: [1], data: [0] }],
    ]),
  );
});
after(() => {
  network.dispose();
  assert.equal(engine.memory().tensors, 0);
});

const model = (): QualityModel => {
  const images = { channels: 1 as const, side: SIDE, order: "grey" as const };
  return { network, description: { images } as QualityModel["description"] };
};

/** Image i is [i, 0, 0, 1/2], read after some turns of the event loop, the later ones first; those named cannot be read. */
function source(
  count: number,
  unreadable: (index: number) => boolean = () => false,
): ImageSource & { reads: number[] } {
  const reads: number[] = [];
  return {
    reads,
    names: Array.from({ length: count }, (_, i) => `image ${i}`),
    read: async (index) => {
      reads.push(index);
      for (let turn = index % 7; turn < 7; turn++) await Promise.resolve();
      if (unreadable(index)) throw new Error(`image ${index}: no image`);
      return Float32Array.of(index, 0, 0, 0.5);
    },
  };
}

const expected = (index: number) => ({ index, name: `image ${index}`, score: 8 * index - 0.5 });

describe("scores of a source", () => {
  // batches are of 64
  for (const count of [1, 63, 64, 65, 130]) {
    it(`are those of its ${count} images, each read once, in the order of the source`, async () => {
      const images = source(count);
      const progress: number[] = [];
      const found = await scoreSource(images, { engine, model: model(), onProgress: (done) => progress.push(done) });
      assert.deepEqual(found, { scored: images.names.map((_, i) => expected(i)), skipped: [] });
      assert.deepEqual([...images.reads].sort((a, b) => a - b), images.names.map((_, i) => i)); // prettier-ignore
      assert.deepEqual(progress, [...[64, 128].filter((done) => done < count), count]);
    });
  }

  for (const [what, unreadable] of [
    ["the first", (i: number) => i === 0],
    ["the last", (i: number) => i === 129],
    ["at the ends of batches", (i: number) => [63, 64, 127, 128].includes(i)],
    ["a whole batch", (i: number) => i >= 64 && i < 128],
    ["every other", (i: number) => i % 2 === 1],
    ["all", () => true],
  ] as const) {
    it(`leave out images that cannot be read, which are named with the reason, and keep the order: ${what}`, async () => {
      const numbers = Array.from({ length: 130 }, (_, i) => i);
      const { scored, skipped } = await scoreSource(source(130, unreadable), { engine, model: model() });
      assert.deepEqual(scored, numbers.filter((i) => !unreadable(i)).map(expected)); // prettier-ignore
      assert.deepEqual(
        skipped,
        numbers.filter(unreadable).map((i) => ({ name: `image ${i}`, reason: `image ${i}: no image` })),
      );
    });
  }

  it("of none are none", async () => {
    assert.deepEqual(await scoreSource(source(0), { engine, model: model() }), { scored: [], skipped: [] });
  });
});

it("scores of embeddings are the unit's, without a look at images", async () => {
  const scores = await scoreEmbeddings({ engine, network }, Float32Array.of(1, 2, 3, 4, 0.25, 0, 0, 0), 4);
  assert.deepEqual([...scores], [4, 2]); // 8 − 4 and 8/4
});
