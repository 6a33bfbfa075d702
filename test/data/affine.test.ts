import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  applyAffine,
  checkAffineRanges,
  drawAffine,
  inverseAffine,
  type AffineAmounts,
} from "../../src/data/affine.js";
import { turnPlane } from "../../src/data/rotateClasses.js";
import { stream } from "../../src/tensor/random.js";

const none: AffineAmounts = { rotation: 0, scale: 0, shear: 0, translationX: 0, translationY: 0 };
const planes = { channels: 2, height: 6, width: 6 };
const random = stream("affine");
const image = Float32Array.from({ length: 72 }, () => random.uniform());

function mapped(amounts: Partial<AffineAmounts>, input = image, shape = planes, background = 0): Float32Array {
  const output = new Float32Array(input.length);
  applyAffine(input, 0, output, 0, shape, inverseAffine({ ...none, ...amounts }), background);
  return output;
}

describe("an affine map", () => {
  it("that does nothing leaves every bit of the image as it is", () => {
    assert.deepEqual(mapped({}), image);
    const odd = Float32Array.from({ length: 35 }, () => random.uniform());
    assert.deepEqual(mapped({}, odd, { channels: 1, height: 5, width: 7 }), odd);
  });
  it("with ranges of zero does nothing, whatever is drawn", () => {
    const output = new Float32Array(72);
    applyAffine(image, 0, output, 0, planes, drawAffine({}, 6, 6, stream("any")));
    assert.deepEqual(output, image);
  });
  it("by whole pixels to the right and down shifts, and fills with the background", () => {
    const output = mapped({ translationX: 2, translationY: 1 }, image, planes, 0.5);
    for (let channel = 0; channel < 2; channel++) {
      for (let row = 0; row < 6; row++) {
        for (let column = 0; column < 6; column++) {
          const expected = row >= 1 && column >= 2 ? image[channel * 36 + (row - 1) * 6 + column - 2] : 0.5;
          assert.equal(output[channel * 36 + row * 6 + column], expected);
        }
      }
    }
  });
  it("by half a pixel averages neighbours", () => {
    const output = mapped({ translationX: 0.5 }, Float32Array.of(1, 3, 5), { channels: 1, height: 1, width: 3 });
    assert.deepEqual([...output], [0.5, 2, 4]);
  });
  it("of 90 degrees is the counterclockwise quarter turn", () => {
    const expected = new Float32Array(72);
    turnPlane(image, 0, 6, 1, expected, 0);
    turnPlane(image, 36, 6, 1, expected, 36);
    // cos 90° is 6e-17, so positions are off by 1e-15 pixels: far below a float32's resolution of the values.
    mapped({ rotation: 90 }).forEach((value, at) => assert.ok(Math.abs(value - expected[at]) < 1e-6));
  });
  it("moves a dot where turn · shear · scale, then the shift, say", () => {
    const side = 41;
    const amounts = { rotation: 25, scale: 12, shear: 10, translationX: 3, translationY: -2 };
    const [x, y] = [6, 4];
    const dot = new Float32Array(side * side);
    for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) dot[(20 + y + dy) * side + 20 + x + dx] = 1;
    const output = mapped(amounts, dot, { channels: 1, height: side, width: side });
    // Centre of mass of the result against the forward map, worked out here by itself.
    let [mass, sumX, sumY] = [0, 0, 0];
    output.forEach((value, at) => {
      mass += value;
      sumX += value * ((at % side) - 20);
      sumY += value * (Math.floor(at / side) - 20);
    });
    const angle = (-25 * Math.PI) / 180; // counterclockwise on a page whose y points down
    const [scaledX, scaledY] = [1.12 * x, 1.12 * y];
    const shearedX = scaledX + Math.tan((10 * Math.PI) / 180) * scaledY;
    const expectedX = Math.cos(angle) * shearedX - Math.sin(angle) * scaledY + 3;
    const expectedY = Math.sin(angle) * shearedX + Math.cos(angle) * scaledY - 2;
    // The blob is 3 pixels wide and sampled at whole pixels: its centre is known to a few hundredths of a pixel.
    assert.ok(Math.abs(sumX / mass - expectedX) < 0.05, `${sumX / mass} ${expectedX}`);
    assert.ok(Math.abs(sumY / mass - expectedY) < 0.05, `${sumY / mass} ${expectedY}`);
    assert.ok(Math.abs(mass / 9 - 1.12 ** 2) < 0.05); // areas grow by the scale squared; shear keeps them
  });
  it("is drawn within its ranges, from five numbers", () => {
    let drawn = 0;
    const source = stream("draws");
    for (let k = 0; k < 200; k++) {
      const map = drawAffine({ rotation: 10, scale: 20, translation: 10 }, 30, 50, {
        uniform: () => (drawn++, source.uniform()),
      });
      const factor = 1 / Math.hypot(map.xx, map.yx);
      assert.ok(factor >= 0.8 && factor <= 1.2);
      assert.ok(Math.abs(Math.atan2(map.yx, map.xx)) <= (10 * Math.PI) / 180 + 1e-12);
      assert.ok(Math.hypot(map.shiftX, map.shiftY) * factor <= Math.hypot(5, 3) + 1e-9);
    }
    assert.equal(drawn, 1000);
  });
  it("has ranges that make sense", () => {
    assert.throws(() => checkAffineRanges({ rotation: -1 }), /range of rotation lies in 0 \.\. 180, given -1/);
    assert.throws(() => checkAffineRanges({ scale: 100 }), /scale lies in 0 \.\. 99, given 100/);
    assert.throws(() => checkAffineRanges({ shear: NaN }), /shear lies in 0 \.\. 80, given NaN/);
    checkAffineRanges({ rotation: 180, scale: 15, shear: 15, translation: 100 });
  });
});
