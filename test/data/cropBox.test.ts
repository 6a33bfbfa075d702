import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { boxRectangle, crop, cropToBox, type Box } from "../../src/data/cropBox.js";

describe("cropping to a box", () => {
  const planes = { channels: 1, height: 3, width: 4 };
  it("truncates corners and leaves the second one out", () => {
    assert.deepEqual(boxRectangle([136.9, 2, 648.5, 9.99], { height: 10, width: 700 }), { left: 136, top: 2, width: 512, height: 7 }); // prettier-ignore
    const image = Float32Array.from({ length: 12 }, (_, i) => i);
    assert.deepEqual(cropToBox(image, planes, [1.5, 0.5, 3, 2]), { channels: 1, height: 2, width: 2, image: Float32Array.of(1, 2, 5, 6) }); // prettier-ignore
  });
  it("refuses boxes that are empty or leave the image", () => {
    const box = (...corners: Box) => () => boxRectangle(corners, planes); // prettier-ignore
    assert.throws(box(1.2, 0, 1.9, 2), /has x1 < x2 and y1 < y2 in whole pixels, given \(1\.2, 0, 1\.9, 2\)\.$/);
    assert.throws(box(0, 2, 3, 1), /y1 < y2/);
    assert.throws(box(NaN, 0, 3, 1), /given \(NaN, 0, 3, 1\)/);
    assert.throws(box(-1, 0, 3, 1), /inside its image of 4 columns and 3 rows, given \(-1, 0, 3, 1\)\.$/);
    assert.throws(box(0, 0, 5, 1), /4 columns/);
    assert.throws(box(0, 0, 4, 4), /3 rows/);
  });
  it("refuses images of another size, and rectangles that are none or leave the image", () => {
    const image = new Float32Array(12);
    const rectangle = { left: 2, top: 1, width: 2, height: 2 };
    assert.equal(crop(image, planes, rectangle).length, 4);
    assert.throws(() => crop(image.subarray(1), planes, rectangle), /1x3x4 has 12 values, given 11\.$/);
    for (const change of [{ left: 3 }, { top: 2 }, { left: -1 }, { width: 0 }, { height: 1.5 }]) {
      assert.throws(() => crop(image, planes, { ...rectangle, ...change }), /inside its image of 4 columns and 3 rows/);
    }
  });
});
