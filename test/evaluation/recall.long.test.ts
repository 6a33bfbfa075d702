/** Full size: as many images as the glyphs' test part has. Prints what the docstrings quote. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { allPairsRoc } from "../../src/evaluation/allPairsRoc.js";
import { recallAtK } from "../../src/evaluation/recall.js";
import { clusters } from "./embeddings.js";

it("ranks 21,395 embeddings of 128 numbers in under 40 seconds, and counts all their pairs in as much", async (t) => {
  const set = clusters("long", 21_395, 128, 1752, 1.5);
  const started = performance.now();
  const { recall } = await recallAtK({ ...set, ks: [1, 5] });
  const recallSeconds = (performance.now() - started) / 1000;
  const curve = await allPairsRoc(set);
  const rocSeconds = (performance.now() - started) / 1000 - recallSeconds;
  const products = (21_395 ** 2 / 2) * 128;
  t.diagnostic(
    `recall: ${recallSeconds.toFixed(1)} s, ${(products / recallSeconds / 1e9).toFixed(2)}e9 products a second`,
  );
  t.diagnostic(`all pairs: ${rocSeconds.toFixed(1)} s; R@1 ${recall[0].recall}, ${curve.thresholds.length} vertices`);
  assert.ok(recallSeconds < 40 && rocSeconds < 40);
});
