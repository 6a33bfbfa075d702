import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { byteImageSet, imageNames } from "../../src/data/ImageSet.js";
import { joinImages } from "../../src/data/joinImages.js";
import { renumber, selectImages } from "../../src/data/selectImages.js";
import { imageOf, numberedSet } from "./miniatures.js";

const two = { name: "two", height: 1, width: 2, channels: 1, pixels: Uint8Array.of(0, 255, 51, 102) };

describe("an image set over bytes", () => {
  it("reads 0 as 0, 255 as 1 and v as v / 255, at the offset asked for", () => {
    const set = byteImageSet({ ...two, labels: Int32Array.of(0, 1) });
    const out = new Float32Array(5).fill(-1);
    set.read(1, out, 2);
    assert.deepEqual([...out], [-1, -1, Math.fround(0.2), Math.fround(0.4), -1]);
    assert.deepEqual(imageOf(set, 0), [0, 1]);
    assert.equal(set.classes, 2);
  });
  it("refuses pixels, labels, columns and indices that do not belong to it", () => {
    assert.throws(() => byteImageSet({ ...two, labels: Int32Array.of(0) }), /two: 1 labels .* need 2 pixels, given 4/);
    assert.throws(() => byteImageSet({ ...two, labels: Int32Array.of(0, -1) }), /image 1 has label -1/);
    assert.throws(
      () => byteImageSet({ ...two, labels: Int32Array.of(0, 5), classes: 5 }),
      /0 \.\. 4.*image 1 has label 5/,
    );
    const columns = { drawer: Int32Array.of(1) };
    assert.throws(() => byteImageSet({ ...two, labels: Int32Array.of(0, 1), columns }), /"drawer" has 1 entries for 2/);
    const set = byteImageSet({ ...two, labels: Int32Array.of(0, 1) });
    for (const index of [-1, 2, 0.5, NaN])
      assert.throws(() => set.read(index, new Float32Array(2)), /lies in 0 \.\. 1/);
  });
});

describe("a choice of images", () => {
  it("keeps pixels, columns and measures, and numbers its classes from 0 without gaps", () => {
    const set = numberedSet(10);
    const chosen = selectImages(set, Int32Array.of(9, 2, 3), "some");
    assert.deepEqual([...chosen.labels], [1, 0, 0]); // classes 4, 1, 1
    assert.equal(chosen.classes, 2);
    assert.deepEqual([...chosen.columns.class], [4, 1, 1]);
    assert.deepEqual([...chosen.columns.number], [9, 2, 3]);
    assert.deepEqual([...chosen.measures.tenth], [...Float32Array.of(0.9, 0.2, 0.3)]);
    assert.deepEqual(imageOf(chosen, 0), imageOf(set, 9));
    assert.deepEqual(imageNames(chosen), ["class1/image0", "class0/image1", "class0/image2"]);
    const named = selectImages({ ...set, nameOf: (index) => `n${index}.png` }, Int32Array.of(9, 2, 3), "some");
    assert.deepEqual(imageNames(selectImages(named, Int32Array.of(2, 0), "fewer")), ["n3.png", "n9.png"]);
    assert.throws(() => chosen.read(3, new Float32Array(16)), /some: .* 0 \.\. 2, given 3/);
    assert.throws(() => selectImages(set, Int32Array.of(10), "some"), /given 10/);
  });
  it("renumbers in ascending order of the old number", () => {
    assert.deepEqual(renumber(Int32Array.of(7, 100, 7, 20)), { labels: Int32Array.of(0, 2, 0, 1), classes: 3 });
  });
});

describe("two sets joined", () => {
  it("are one after the other", () => {
    const [a, b] = [numberedSet(4), numberedSet(6)];
    const both = joinImages(a, b, "both");
    assert.equal(both.count, 10);
    assert.deepEqual([...both.labels], [...a.labels, ...b.labels]);
    assert.deepEqual([...both.columns.number], [...a.columns.number, ...b.columns.number]);
    assert.deepEqual(imageOf(both, 3), imageOf(a, 3));
    assert.deepEqual(imageOf(both, 9), imageOf(b, 5));
  });
  it("must have images of one size", () => {
    assert.throws(() => joinImages(numberedSet(2), numberedSet(2, 5), "both"), /both: images of 4x4x1 and 5x5x1/);
  });
});
