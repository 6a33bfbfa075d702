import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { byteImageSet, type ImageSet } from "../../src/data/ImageSet.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import type { Engine } from "../../src/tensor/engine.js";
import { stream } from "../../src/tensor/random.js";
import { EngineRowProduct } from "../../src/training/engineRowProduct.js";
import { evaluateProtocols, PROTOCOLS } from "../../src/training/evaluateProtocols.js";

const E = 12;
let engine: Engine;
before(async () => {
  engine = await openEngine("wasm", { threads: 1 });
});
after(() => engine.close());

/** Images of one pixel: only labels and columns matter. */
function setOf(labels: readonly number[], columns: Record<string, Int32Array> = {}): ImageSet {
  const pixels = new Uint8Array(labels.length);
  return byteImageSet({
    name: "points",
    height: 1,
    width: 1,
    channels: 1,
    pixels,
    labels: Int32Array.from(labels),
    columns,
  });
}

/** Eight classes of six rows around directions of their own, but for noise. */
const labels = Array.from({ length: 48 }, (_, i) => i % 8);
function embeddingsOf(noise: number): Float32Array {
  const random = stream("protocols", noise);
  const means = Array.from({ length: 8 }, () => Array.from({ length: E }, () => random.normal()));
  return Float32Array.from(labels.flatMap((label) => means[label].map((value) => value + noise * random.normal())));
}

interface Numbers {
  readonly compared: string;
  readonly recall: { k: number; recall: number }[];
  readonly firstDimensions: Record<string, { width: number; recall: number }[]>;
  readonly effectiveRank: { participationRatio: number; entropyRank: number };
  readonly map: number;
  readonly queries: number;
  readonly accuracy: { k: number; voters: number; top1: number }[];
  readonly split: { train: number; validation: number; test: number; leftOut: number; seed: number };
  readonly top1: number;
}

async function numbers(set: ImageSet, embeddings: Float32Array): Promise<Record<string, Numbers>> {
  const options = { engine, set, embeddings, embedding: E, protocols: PROTOCOLS };
  return (await evaluateProtocols(options)) as unknown as Record<string, Numbers>;
}

/** R@1 by a loop: the first `width` dimensions, scaled to length one before or after they are cut off, by distance. */
function recallAtOne(embeddings: Float32Array, width: number, first: "cut" | "scale"): number {
  const rows = labels.map((_, i) => {
    const whole = [...embeddings.subarray(i * E, (i + 1) * E)];
    const length = Math.hypot(...(first === "cut" ? whole.slice(0, width) : whole));
    return whole.slice(0, width).map((value) => value / length);
  });
  const hits = rows.filter((x, i) => {
    const distances = rows.map((y, j) => (i === j ? Infinity : Math.hypot(...x.map((value, e) => value - y[e]))));
    return labels[distances.indexOf(Math.min(...distances))] === labels[i];
  });
  return hits.length / rows.length;
}

describe("retrieval protocols", () => {
  test("have no effective rank for a network that has collapsed, and all other numbers", async () => {
    const options = { engine, set: setOf(labels), embedding: E, protocols: ["recall", "map100"] as const };
    const embeddings = new Float32Array(labels.length * E).fill(2);
    const { recall, map100 } = (await evaluateProtocols({ ...options, embeddings })) as unknown as Record<
      string,
      Numbers
    >;
    assert.equal(recall.effectiveRank, null);
    // all are equally near: the first other image answers, 0 for all but itself, whose answer is 1, of another class
    assert.equal(recall.recall[0].recall, labels.filter((label, i) => i > 0 && label === 0).length / labels.length);
    assert.equal(map100.queries, labels.length);
  });

  test("are all perfect where classes lie apart", async () => {
    const { recall, map100, knn, "linear-probe": probe } = await numbers(setOf(labels), embeddingsOf(0.01));
    assert.deepEqual(recall.recall, [1, 2, 4, 8].map((k) => ({ k, recall: 1 }))); // prettier-ignore
    assert.ok(Math.abs(map100.map - 1) < 1e-12);
    assert.deepEqual(knn.accuracy.map(({ voters, top1 }) => [voters, top1]), [10, 20, 47, 47].map((voters) => [voters, 1])); // prettier-ignore
    assert.deepEqual(probe.split.leftOut, 0);
    assert.deepEqual([probe.split.train, probe.split.validation, probe.split.test, probe.top1], [32, 8, 8, 1]);
    assert.match(recall.compared, /every image asks all others/);
    const { participationRatio, entropyRank } = recall.effectiveRank;
    assert.ok(participationRatio > 1 && participationRatio <= entropyRank && entropyRank < 8, "eight points span seven dimensions"); // prettier-ignore
  });

  test("count the first dimensions in both conventions, as a loop does", async () => {
    const embeddings = embeddingsOf(0.9);
    const { recall } = await numbers(setOf(labels), embeddings);
    for (const [convention, first] of [
      ["sliceThenNormalise", "cut"],
      ["normaliseThenSlice", "scale"],
    ] as const) {
      const expected = [8, E].map((width) => ({ width, recall: recallAtOne(embeddings, width, first) }));
      assert.deepEqual(recall.firstDimensions[convention], expected);
      assert.ok(expected[0].recall > 0.2 && expected[1].recall < 1, "neither is settled");
    }
    assert.equal(recall.recall[0].recall, recallAtOne(embeddings, E, "cut"));
  });

  test("ask the gallery where the part has one, at the Ks of In-Shop", async () => {
    const gallery = Int32Array.from(labels, (_, i) => (i < 16 ? 0 : 1));
    const { recall, map100, knn } = await numbers(setOf(labels, { gallery }), embeddingsOf(0.01));
    assert.deepEqual(recall.recall.map(({ k }) => k), [1, 10, 20, 30]); // prettier-ignore
    assert.deepEqual([recall.queries, map100.queries, knn.queries], [16, 16, 16]);
    assert.equal(knn.accuracy[3].voters, 32);
    assert.equal(recall.compared, "queries ask the gallery");
  });

  test("refuse a probe of classes that have no three images, in a sentence", async () => {
    const set = setOf([0, 0, 1, 1]);
    const options = { engine, set, embeddings: new Float32Array(4 * E).fill(1), embedding: E, protocols: ["linear-probe"] as const }; // prettier-ignore
    await assert.rejects(evaluateProtocols(options), /a class needs three images.*none of points has them \(4 images of 2 classes\)\.$/); // prettier-ignore
  });
});

test("the engine's products are those of a loop, block by block, and leave no tensor behind", async () => {
  const random = stream("products");
  const draw = (count: number): Float64Array => Float64Array.from({ length: count * E }, () => random.normal());
  const before = engine.memory().tensors;
  const product = new EngineRowProduct(engine);
  for (const [queries, gallery] of [
    [draw(5), draw(7)],
    [draw(3), draw(4)],
  ]) {
    // prettier-ignore
    const block = product.product(queries, gallery, E);
    const [found, count] = [await block(1, 3), gallery.length / E];
    for (const [at, value] of found.entries()) {
      const [i, j] = [1 + Math.floor(at / count), at % count];
      let [exact, size] = [0, 0];
      for (let e = 0; e < E; e++) {
        exact += queries[i * E + e] * gallery[j * E + e];
        size += Math.abs(queries[i * E + e] * gallery[j * E + e]);
      }
      assert.ok(
        Math.abs(value - exact) <= (E + 2) * 2 ** -24 * size * 1.01,
        "two roundings of the factors, E of the sum",
      );
    }
    assert.equal(found.length, 2 * count);
  }
  product.dispose();
  assert.equal(engine.memory().tensors, before);
});
