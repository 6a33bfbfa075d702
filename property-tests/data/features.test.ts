/** Features without training: rows of length one that know nothing of the order of their list, of brightness or of contrast. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { byteImageSet, type HostImageSet } from "../../src/data/ImageSet.js";
import { pixelFeatures } from "../../src/data/pixelFeatures.js";
import { textFeatures } from "../../src/data/textFeatures.js";
import { property } from "../property.js";

const words = fc.array(fc.stringMatching(/^[a-zé0-9]{1,8}$/), { minLength: 1, maxLength: 4 });
const texts = fc.array(words, { minLength: 1, maxLength: 6 });
const separators = fc.constantFrom(" ", "_", ", ", "-", "\n");
const OPTIONS = { dimensions: 40 };

function rowOf(features: Float32Array, dimensions: number, row: number): Float32Array {
  return features.slice(row * dimensions, (row + 1) * dimensions);
}

function lengthOf(row: Float32Array): number {
  return Math.hypot(...row);
}

describe("text features", () => {
  property("are rows of length one, and the same for equal texts", [texts, fc.nat()], (list, seed) => {
    const twice = [...list, ...list].map((parts) => parts.join(" "));
    const features = textFeatures(twice, { ...OPTIONS, seed });
    for (let row = 0; row < list.length; row++) {
      // each of 40 elements is rounded to float32, half a unit in the last place of at most 1
      assert.ok(Math.abs(lengthOf(rowOf(features, 40, row)) - 1) < 40 * 2 ** -25);
      assert.deepEqual(rowOf(features, 40, row), rowOf(features, 40, row + list.length));
    }
  });

  property("follow their texts when the list is turned round", [texts], (list) => {
    const joined = list.map((parts) => parts.join(" "));
    const [there, back] = [textFeatures(joined, OPTIONS), textFeatures([...joined].reverse(), OPTIONS)];
    for (let row = 0; row < list.length; row++) {
      assert.deepEqual(rowOf(there, 40, row), rowOf(back, 40, list.length - 1 - row));
    }
  });

  property("do not see capitals, nor what stands between words", [texts, separators], (list, separator) => {
    const plain = textFeatures(
      list.map((parts) => parts.join(" ")),
      OPTIONS,
    );
    const other = textFeatures(
      list.map((parts) => `“${parts.join(separator).toUpperCase()}!`),
      OPTIONS,
    );
    assert.deepEqual(other, plain);
  });
});

/** Three channels of 4x4. */
const SIDE = 4;
const CHANNELS = 3;
const pictures = fc.uint8Array({ minLength: CHANNELS * SIDE * SIDE, maxLength: CHANNELS * SIDE * SIDE, max: 60 });

/** With something left when the channels' means are gone. */
const contrasts = pictures.filter((pixels) => expectedFeatures(pixels).norm > 1e-3);

function setOf(pixels: Uint8Array): HostImageSet {
  return byteImageSet({ name: "one", height: SIDE, width: SIDE, channels: CHANNELS, pixels, labels: Int32Array.of(0) });
}

/** The definition in float64, for 2x2 pixels: a pixel is the mean of a quarter. Also the length before it is divided by. */
function expectedFeatures(pixels: Uint8Array): { row: number[]; norm: number } {
  const centred = [0, 1, 2].flatMap((channel) => {
    const quarters = [0, 1, 2, 3].map((quarter) => {
      const first = channel * 16 + (quarter >> 1) * 8 + (quarter & 1) * 2;
      return [0, 1, 4, 5].reduce((sum, step) => sum + pixels[first + step] / 255, 0) / 4;
    });
    const mean = quarters.reduce((sum, value) => sum + value, 0) / 4;
    return quarters.map((value) => value - mean);
  });
  const norm = Math.hypot(...centred);
  return { row: centred.map((value) => value / norm), norm };
}

/** Before the division, a value of [0, 1] has gone through at most eight roundings of float32; after it, through one more. */
function tolerance(norm: number): number {
  return (9 * 2 ** -24 * Math.sqrt(12)) / norm;
}

describe("pixel features", () => {
  property("are the averaged pixels, each channel less its mean, over their length", [contrasts], async (pixels) => {
    const features = await pixelFeatures(setOf(pixels), { side: 2 });
    const { row, norm } = expectedFeatures(pixels);
    row.forEach((value, i) =>
      assert.ok(Math.abs(features[i] - value) <= tolerance(norm), `${features[i]}, not ${value}`),
    );
  });

  property(
    "do not see how bright a channel is, nor the contrast of all of them",
    [contrasts, fc.array(fc.nat({ max: 75 }), { minLength: 3, maxLength: 3 })],
    async (pixels, gains) => {
      const changed = pixels.map((value, i) => 3 * value + gains[Math.floor(i / (SIDE * SIDE))]); // at most 255
      const features = await pixelFeatures(setOf(pixels), { side: 2 });
      const other = await pixelFeatures(setOf(changed), { side: 2 });
      const { norm } = expectedFeatures(pixels);
      features.forEach((value, i) =>
        assert.ok(Math.abs(other[i] - value) <= 2 * tolerance(norm), `${other[i]}, not ${value}`),
      );
    },
  );
});
