import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { laplacianSharpness, randomScores, stochasticAgreement } from "../../../src/evaluation/quality/baselines.js";
import { stream } from "../../../src/tensor/random.js";

describe("randomScores", () => {
  it("is a function of the seed, in [0, 1)", () => {
    assert.deepEqual(randomScores(50, 3), randomScores(50, 3));
    assert.notDeepEqual(randomScores(50, 3), randomScores(50, 4));
    assert.deepEqual(randomScores(5, 3), randomScores(50, 3).subarray(0, 5));
    for (const score of randomScores(50, 3)) assert.ok(score >= 0 && score < 1);
  });
});

describe("stochasticAgreement", () => {
  it("is 1 where all passes agree, whatever their lengths, and falls with the mean distance", () => {
    // image 0: always (1, 0). Image 1: (1, 0), (0, 1), (−1, 0), at distances √2, 2, √2
    const passes = [Float32Array.of(2, 0, 4, 0), Float32Array.of(1, 0, 0, 1), Float32Array.of(8, 0, -2, 0)];
    const [agreed, scattered] = stochasticAgreement(passes, 2);
    assert.equal(agreed, 1);
    const expected = 2 / (1 + Math.exp((2 * Math.SQRT2 + 2) / 3));
    assert.ok(Math.abs(scattered - expected) < 1e-15);
  });

  it("refuses fewer than two passes, and passes of different shapes", () => {
    assert.throws(() => stochasticAgreement([Float32Array.of(1)], 1), /given 1 of 1 numbers/);
    assert.throws(() => stochasticAgreement([new Float32Array(2), new Float32Array(3)], 1), /given 2 of 2, 3 numbers/);
  });
});

describe("laplacianSharpness", () => {
  const size = { channels: 1, height: 4, width: 5 };
  const at = (value: (row: number, column: number) => number): Float32Array =>
    Float32Array.from({ length: 20 }, (_, i) => value(Math.floor(i / 5), i % 5));

  it("is 0 for flat images and ramps", () => {
    assert.equal(laplacianSharpness(at(() => 0.5), size), 0); // prettier-ignore
    assert.equal(laplacianSharpness(at((row, column) => 2 * row - column), size), 0); // prettier-ignore
  });

  it("is the variance over the inner pixels", () => {
    // a dot at (1, 1): the six inner pixels see −4, 1, 0 and 1, 0, 0
    const dot = at((row, column) => (row === 1 && column === 1 ? 1 : 0));
    const mean = -2 / 6;
    assert.ok(Math.abs(laplacianSharpness(dot, size) - ((16 + 1 + 1) / 6 - mean ** 2)) < 1e-15);
  });

  it("reads an image out of a batch, and takes the mean over channels", () => {
    const random = stream("sharpness");
    const batch = Float32Array.from({ length: 3 * 60 }, () => random.uniform());
    const alone = batch.slice(60, 120);
    const colour = { ...size, channels: 3 };
    assert.equal(laplacianSharpness(batch, colour, 60), laplacianSharpness(alone, colour));
    const planes = [0, 20, 40].map((from) => laplacianSharpness(alone, size, from));
    assert.equal(laplacianSharpness(alone, colour), (planes[0] + planes[1] + planes[2]) / 3);
  });

  it("falls when an image is blurred", () => {
    const random = stream("blurred");
    const big = { channels: 1, height: 12, width: 12 };
    const image = Float32Array.from({ length: 144 }, () => random.uniform());
    const blurred = image.map((value, i) => (value + image[(i + 1) % 144] + image[(i + 12) % 144]) / 3);
    assert.ok(laplacianSharpness(blurred, big) < laplacianSharpness(image, big) / 2);
  });

  it("refuses an image without inner pixels, and one that ends too early", () => {
    assert.throws(
      () => laplacianSharpness(new Float32Array(6), { channels: 1, height: 2, width: 3 }),
      /given 1 channels of 2 × 3/,
    );
    assert.throws(() => laplacianSharpness(new Float32Array(20), size, 1), /from 1 on in 20 numbers/);
  });
});
