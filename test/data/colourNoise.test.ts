import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addColourNoise } from "../../src/data/colourNoise.js";

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
