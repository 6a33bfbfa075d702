import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fuseModalities, type Features } from "../../src/unicom/index.js";

const features = (columns: number, ...values: number[]): Features => ({ columns, values: Float32Array.from(values) });

describe("fusing image and text features", () => {
  const image = features(2, 3, 4, 0, 0, 2, 0);
  const text = features(2, 0, 5, 0, 7, -1, 0);

  it("of one side are its rows, of length one", () => {
    const { values, withoutDirection } = fuseModalities({ image }, "image");
    assert.deepEqual(values, Float32Array.of(0.6, 0.8, 0, 0, 1, 0));
    assert.equal(withoutDirection, 1);
    assert.deepEqual(fuseModalities({ text }, "text").values, Float32Array.of(0, 1, 0, 1, -1, 0));
  });

  it("average: the mean of both directions, of length one; what has none is counted", () => {
    const { values, columns, withoutDirection } = fuseModalities({ image, text });
    const length = Math.hypot(0.3, 0.9); // of ((0.6, 0.8) + (0, 1)) / 2
    [0.3 / length, 0.9 / length, 0, 1, 0, 0].forEach((value, at) =>
      assert.ok(Math.abs(values[at] - value) < 2 ** -22, `${values[at]}, not ${value}`),
    );
    assert.deepEqual([columns, withoutDirection], [2, 1]); // the last two cancel
  });

  it("concat: inner products are the mean of both cosines", () => {
    const { values, columns } = fuseModalities({ image, text: features(1, 2, 3, -4) }, "concat");
    assert.equal(columns, 3);
    const dot = (i: number, j: number): number =>
      [0, 1, 2].reduce((sum, k) => sum + values[3 * i + k] * values[3 * j + k], 0);
    assert.ok(Math.abs(dot(0, 0) - 1) < 2 ** -22);
    assert.ok(Math.abs(dot(0, 2) - (0.6 - 1) / 2) < 2 ** -22);
    assert.deepEqual([...values.subarray(3, 6)], [0, 0, 1]); // an image without a direction adds nothing
  });

  it("refuses what does not fit", () => {
    const fuse = (second: Features | undefined, fusion?: "average" | "concat") => () =>
      fuseModalities({ image, text: second }, fusion);
    assert.throws(fuse(undefined), /"average" needs text features, and none were given/);
    assert.throws(fuse(features(2, 1, 1)), /given 3 rows of images and 1 of texts/);
    assert.throws(fuse(features(1, 1, 1, 1)), /features of one space; given 2 columns and 1/);
    assert.throws(fuse(features(2, 1, 1, NaN, 1, 1, 1), "concat"), /row 1, column 0 is NaN/);
    assert.throws(fuse(features(2, 1), "concat"), /text features are whole rows; given 1 numbers for rows of 2/);
  });
});
