import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gaussianBlur, type Border } from "../../src/data/gaussianBlur.js";

/** The definition, pixel by pixel: a product of two Gaussians over the image, and over its mirror images or nothing beyond it. */
function blurredByDefinition(
  pixels: readonly number[],
  height: number,
  width: number,
  deviation: number,
  border: Border,
) {
  const reach = Math.ceil(3 * deviation);
  const weight = (k: number): number => Math.exp(-(k * k) / (2 * deviation * deviation));
  let total = 0;
  for (let k = -reach; k <= reach; k++) total += weight(k);
  const bounce = (i: number, n: number): number => {
    while (i < 0 || i >= n) i = i < 0 ? -1 - i : 2 * n - 1 - i;
    return i;
  };
  return pixels.map((_, at) => {
    const [row, column] = [Math.floor(at / width), at % width];
    let sum = 0;
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        const [y, x] = [row + dy, column + dx];
        const isInside = y >= 0 && y < height && x >= 0 && x < width;
        if (!isInside && border === "background") continue;
        sum += weight(dy) * weight(dx) * pixels[bounce(y, height) * width + bounce(x, width)];
      }
    }
    return sum / total ** 2;
  });
}

describe("a Gaussian blur", () => {
  it("spreads a dot by its deviation and keeps its ink", () => {
    const image = new Float32Array(21 * 21);
    image[10 * 21 + 10] = 1;
    gaussianBlur(image, 0, 21, 21, 1.5, "background");
    let [ink, spread] = [0, 0];
    image.forEach((value, at) => {
      ink += value;
      spread += value * ((at % 21) - 10) ** 2;
    });
    assert.ok(Math.abs(ink - 1) < 1e-5);
    // Cut off at three deviations and sampled at whole pixels: within 3 per cent of the variance.
    assert.ok(Math.abs(spread / 1.5 ** 2 - 1) < 0.03, `${spread}`);
  });
  it("is its definition, at both borders and for planes that are narrower than its reach", () => {
    for (const border of ["background", "mirror"] as const) {
      for (const [height, width, deviation] of [
        [5, 7, 0.8],
        [2, 9, 2.1],
        [1, 3, 4],
      ]) {
        const pixels = Array.from({ length: height * width }, (_, i) => ((i * 29) % 17) / 16);
        const image = Float32Array.of(9, ...pixels, 9);
        gaussianBlur(image, 1, height, width, deviation, border);
        const expected = blurredByDefinition(pixels, height, width, deviation, border);
        // Each pass sums products of float32 weights (relative error 2^-24 each, and one for their total) and rounds once; values ≤ 1.
        const bound = 8 * 2 ** -24;
        expected.forEach((value, i) => assert.ok(Math.abs(image[i + 1] - value) <= bound, `${border} ${i}`));
        assert.deepEqual([image[0], image[image.length - 1]], [9, 9]);
      }
    }
  });
  it("of no width changes nothing", () => {
    const image = Float32Array.from({ length: 16 }, (_, i) => i);
    gaussianBlur(image, 0, 4, 4, 0, "mirror");
    assert.deepEqual(
      [...image],
      Array.from({ length: 16 }, (_, i) => i),
    );
  });
});
