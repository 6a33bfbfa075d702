import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addColourNoise } from "../../src/data/colourNoise.js";
import { checkAugmentation } from "../../src/data/augmentation.js";
import { boxRectangle, cropToBox, type Box } from "../../src/data/cropBox.js";
import { drawCrop } from "../../src/data/randomCrop.js";

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
});

describe("a random crop", () => {
  const constant = (value: number) => ({ uniform: () => value });
  it("is the whole image after ten tries that do not fit", () => {
    let asked = 0;
    const random = { uniform: () => (asked++, 0.999) };
    assert.deepEqual(drawCrop({}, 100, 100, random), { left: 0, top: 0, width: 100, height: 100 });
    assert.equal(asked, 30);
  });
  it("of numbers at their least is 8 % of the area, 4 high to 3 wide with sides changed, at the corner", () => {
    // √(0.08 · 4/3) = 0.3266 and √(0.08 · 3/4) = 0.2449: 327 and 245; unchanged it would be upright
    assert.deepEqual(drawCrop({}, 1000, 1000, constant(0)), { left: 0, top: 0, width: 327, height: 245 });
  });
  it("and colour noise have ranges", () => {
    assert.throws(() => checkAugmentation({ crop: { area: [0, 1] } }), /a share above 0 .*given 0 \.\. 1\.$/);
    assert.throws(() => checkAugmentation({ crop: { area: [0.5, 0.4] } }), /given 0\.5 \.\. 0\.4/);
    assert.throws(() => checkAugmentation({ crop: { aspect: [2, 1] } }), /width \/ height .* given 2 \.\. 1/);
    for (const colourNoise of [-0.1, NaN, Infinity]) {
      assert.throws(() => checkAugmentation({ colourNoise }), /colourNoise is a standard deviation, 0 or more, given/);
    }
    checkAugmentation({ crop: {}, colourNoise: 0.1 });
  });
});

describe("colour noise", () => {
  it("of three ones is the sum of the components times their weights", () => {
    // 1 − e^(−1/2) gives the radius 1, and 0 the angle 0
    const numbers = [1 - Math.exp(-0.5), 0, 1 - Math.exp(-0.5), 0, 1 - Math.exp(-0.5), 0];
    const images = new Float32Array(3);
    addColourNoise(images, 0, { channels: 3, height: 1, width: 1 }, 0.1, { uniform: () => numbers.shift()! });
    // red: 0.1 · (−0.5675 · 0.2175 + 0.7192 · 0.0188 + 0.4009 · 0.0045), and so on
    const expected = [-0.010810624, -0.01300716, -0.013810389];
    images.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < 1e-9, `${value}`));
    assert.equal(numbers.length, 0);
  });
  it("is for images of three channels", () => {
    assert.throws(
      () => addColourNoise(new Float32Array(4), 0, { channels: 1, height: 2, width: 2 }, 0.1, { uniform: () => 0 }),
      /three channels, red, green and blue; given 1\.$/,
    );
  });
});
