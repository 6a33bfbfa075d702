import assert from "node:assert/strict";
import { test } from "node:test";
import { byteImageSet } from "../../src/data/ImageSet.js";
import { relabelImages } from "../../src/data/relabelImages.js";

/** Four images of one pixel, worth 10, 20, 30 and 40. */
const set = byteImageSet({
  ...{ name: "four", height: 1, width: 1, channels: 1 },
  pixels: Uint8Array.of(10, 20, 30, 40),
  labels: Int32Array.of(1, 0, 1, 2),
  columns: { writer: Int32Array.of(5, 6, 7, 8) },
});

test("images take the labels given, lose those of −1, and keep what else is known of them", () => {
  const relabelled = relabelImages(set, [7, -1, 2, 7], "pseudo");
  assert.equal(relabelled.count, 3);
  assert.equal(relabelled.classes, 2); // 2 and 7, without gaps
  assert.deepEqual([...relabelled.labels], [1, 0, 1]);
  assert.deepEqual([...relabelled.columns.trueClass], [1, 1, 2]);
  assert.deepEqual([...relabelled.columns.writer], [5, 7, 8]);
  const pixel = new Float32Array(1);
  relabelled.read(1, pixel);
  assert.equal(pixel[0], Math.fround(30 / 255));
});

test("labels that do not belong to the set are refused in a sentence", () => {
  assert.throws(() => relabelImages(set, [0, 1], "pseudo"), /given 2 labels for the 4 images of four/);
  assert.throws(() => relabelImages(set, [0, 1, 1.5, 0], "pseudo"), /image 2 has 1\.5/);
  assert.throws(() => relabelImages(set, [0, 1, -2, 0], "pseudo"), /image 2 has -2/);
  assert.throws(() => relabelImages(set, [0, NaN, 0, 0], "pseudo"), /image 1 has NaN/);
  assert.throws(() => relabelImages(set, [-1, -1, -1, -1], "pseudo"), /none of the 4 images has a label/);
});
