import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { areaResizer, resizeImages } from "../../src/data/areaResize.js";
import { stream } from "../../src/tensor/random.js";
import { imageOf, numberedSet } from "./miniatures.js";

const random = stream("areaResize");
const mean = (values: Iterable<number>): number => {
  const all = [...values];
  return all.reduce((sum, value) => sum + value, 0) / all.length;
};

/** The definition, pixel against pixel in float64: overlap of the two rectangles over the area of the output's. */
function byDefinition(input: Float32Array, [h, w]: number[], [H, W]: number[]): number[] {
  const overlap = (a: number, b: number, c: number, d: number): number => Math.max(0, Math.min(b, d) - Math.max(a, c));
  return Array.from({ length: H * W }, (_, at) => {
    const [row, column] = [Math.floor(at / W), at % W];
    let sum = 0;
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        const covered =
          overlap(y, y + 1, (row * h) / H, ((row + 1) * h) / H) *
          overlap(x, x + 1, (column * w) / W, ((column + 1) * w) / W);
        sum += covered * input[y * w + x];
      }
    }
    return (sum * H * W) / (h * w);
  });
}

describe("resizing by area averaging", () => {
  const sizes = [
    [
      [105, 105],
      [32, 32],
    ],
    [
      [105, 105],
      [28, 28],
    ],
    [
      [24, 24],
      [24, 24],
    ],
    [
      [24, 24],
      [32, 32],
    ],
    [
      [60, 64],
      [28, 28],
    ],
    [
      [7, 3],
      [5, 11],
    ],
    [
      [4, 4],
      [1, 1],
    ],
  ];
  for (const [from, to] of sizes) {
    const input = Float32Array.from({ length: from[0] * from[1] }, () => random.uniform());
    const output = new Float32Array(to[0] * to[1] + 2).fill(-1);
    areaResizer(from[0], from[1], to[0], to[1])(input, 0, output, 1);
    const result = output.subarray(1, output.length - 1);
    // Float32 weights and sums of at most 5 terms twice, values below 1: 10 roundings of 6e-8.
    const tolerance = 1e-6;
    it(`from ${from.join("x")} to ${to.join("x")} is the mean over the covered rectangle, and writes nowhere else`, () => {
      const expected = byDefinition(input, from, to);
      result.forEach((value, at) =>
        assert.ok(Math.abs(value - expected[at]) < tolerance, `${at}: ${value} ${expected[at]}`),
      );
      assert.deepEqual([output[0], output[output.length - 1]], [-1, -1]);
    });
    it(`from ${from.join("x")} to ${to.join("x")} keeps the mean`, () => {
      assert.ok(Math.abs(mean(result) - mean(input)) < tolerance);
    });
  }
});

describe("a resized set", () => {
  it("of the same side is the same set", () => {
    const set = numberedSet(4, 6, 3);
    const same = resizeImages(set, 6);
    for (let image = 0; image < 4; image++) assert.deepEqual(imageOf(same, image), imageOf(set, image));
  });
  it("keeps labels, classes, columns and measures, and each image's mean to within half a grey level", () => {
    const set = numberedSet(4, 9, 3);
    const small = resizeImages(set, 4);
    assert.deepEqual([small.height, small.width, small.channels, small.count], [4, 4, 3, 4]);
    assert.deepEqual(small.labels, set.labels);
    assert.deepEqual(small.columns, set.columns);
    assert.deepEqual(small.measures, set.measures);
    for (let image = 0; image < 4; image++) {
      assert.ok(Math.abs(mean(imageOf(small, image)) - mean(imageOf(set, image))) <= 0.5 / 255 + 1e-6);
    }
  });
  it("has a side of at least one pixel", () => {
    for (const side of [0, -1, 2.5, NaN, 5000])
      assert.throws(() => resizeImages(numberedSet(2), side), /1 \.\. 1024, given/);
  });
});
