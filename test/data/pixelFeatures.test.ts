import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { byteImageSet, type HostImageSet } from "../../src/data/ImageSet.js";
import { pixelFeatures } from "../../src/data/pixelFeatures.js";

/** Two channels of 4x4, given as the four quarters' levels: averaged to 2x2, a quarter is a pixel. */
function quartered(...images: number[][]): HostImageSet {
  const pixels = images.flatMap((levels) =>
    [0, 1].flatMap((channel) =>
      Array.from({ length: 16 }, (_, at) => levels[4 * channel + 2 * Math.floor(at / 8) + Math.floor((at % 4) / 2)]),
    ),
  );
  const labels = new Int32Array(images.length);
  return byteImageSet({ name: "quarters", height: 4, width: 4, channels: 2, pixels: Uint8Array.from(pixels), labels });
}

describe("pixel features", () => {
  it("are the averaged pixels, each channel less its mean, of length one", async () => {
    const set = quartered([10, 20, 30, 40, 7, 7, 7, 7], [0, 0, 0, 0, 0, 255, 0, 0], [9, 9, 9, 9, 200, 200, 200, 200]);
    const features = await pixelFeatures(set, { side: 2 });
    const [slope, point] = [Math.sqrt(500), Math.sqrt(12)];
    const expected = [
      [-15, -5, 5, 15, 0, 0, 0, 0].map((value) => value / slope),
      [0, 0, 0, 0, -1, 3, -1, -1].map((value) => value / point),
      [0, 0, 0, 0, 0, 0, 0, 0], // flat channels: nothing is left
    ].flat();
    assert.equal(features.length, expected.length);
    // a few roundings of float32, of numbers that are 1/255 of the whole range apart at least
    features.forEach((value, i) =>
      assert.ok(Math.abs(value - expected[i]) < 2e-6, `${i}: ${value}, not ${expected[i]}`),
    );
  });
  it("are made in batches, each image at its place, also where images are decoded first", async () => {
    const images = Array.from({ length: 150 }, (_, i) => [i, 0, 0, 0, 0, 0, 0, 255]);
    const set = quartered(...images);
    const decoded = { ...set, read: async (...given: Parameters<typeof set.read>) => set.read(...given) };
    const features = await pixelFeatures(decoded, { side: 2 });
    for (const [i, image] of images.entries()) {
      const alone = await pixelFeatures(quartered(image), { side: 2 });
      assert.deepEqual(features.slice(8 * i, 8 * i + 8), alone);
    }
  });
  it("refuse a side out of range", async () => {
    await assert.rejects(pixelFeatures(quartered([0, 0, 0, 0, 0, 0, 0, 0]), { side: 0 }), /in 1 \.\. 1024, given 0/);
  });
});
