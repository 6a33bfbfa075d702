import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { evaluateQuality } from "../../src/training/evaluateQuality.js";

/** Images in the plane, each a class of two; a pair of each class, and pairs of neighbours. */
const IMAGES = 12;
const embeddings = Float32Array.from({ length: 2 * IMAGES }, (_, i) => {
  const image = Math.floor(i / 2);
  const angle = 0.5 * Math.floor(image / 2) + 0.02 * image * (image % 2);
  return (1 + image / IMAGES) * (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
});
const genuine = Array.from({ length: IMAGES / 2 }, (_, k) => [2 * k, 2 * k + 1, 1]);
const impostor = Array.from({ length: IMAGES - 2 }, (_, k) => [k, k + 2, 0]);
const pairs = {
  first: Int32Array.from([...genuine, ...impostor], ([first]) => first),
  second: Int32Array.from([...genuine, ...impostor], ([, second]) => second),
  same: Uint8Array.from([...genuine, ...impostor], ([, , same]) => same),
};

describe("evaluating quality", () => {
  // the last images are the best, and the pairs of the last are impostors: genuine ones run out soon
  const scores = Float32Array.from({ length: IMAGES }, (_, image) => (image % 4 === 3 ? -1 : 1) * image);
  const { methods, fmrs } = evaluateQuality({ scores, embeddings, embedding: 2, pairs });

  it("compares areas over the same ratios, as far as every curve goes", () => {
    for (const convention of ["fullSet", "perSubset"] as const) {
      const lengths = new Set(methods.map((method) => method[convention].ratios.length));
      assert.equal(lengths.size, 1);
      const [length] = lengths;
      assert.ok(length > 1 && length < 20, `${length} ratios: one of these curves ends early`);
    }
  });

  it("has the area of the curve that it shows, by trapezoids", () => {
    for (const { fullSet, perSubset } of methods) {
      for (const { ratios, fnmr, areas } of [fullSet, perSubset]) {
        fmrs.forEach((_, k) => {
          let area = 0;
          for (let r = 1; r < ratios.length; r++)
            area += ((fnmr[k][r] + fnmr[k][r - 1]) / 2) * (ratios[r] - ratios[r - 1]);
          assert.ok(Math.abs(areas[k] - area) < 1e-12);
        });
      }
    }
  });

  it("has no line for the true severity where it is not known", () => {
    assert.deepEqual(
      methods.map(({ name }) => name),
      ["quality", "length of the embedding", "random"],
    );
    const severity = scores.map((score) => -score);
    const known = evaluateQuality({ scores, embeddings, embedding: 2, pairs, severity }).methods;
    assert.deepEqual(known[3], { ...known[0], name: "true severity" });
  });
});
