import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { resize, resizeToSquare, scaledSize, type Interpolation, type ResizeOptions } from "../../src/data/resize.js";

/** One row, resized to another width. */
const row = (values: readonly number[], width: number, options?: ResizeOptions): number[] => [
  ...resize(Float32Array.from(values), { channels: 1, height: 1, width: values.length }, { height: 1, width }, options),
];

describe("resizing by interpolation", () => {
  it("doubles a row with quarters of the neighbours, and repeats the edges", () => {
    assert.deepEqual(row([4, 8], 4), [4, 5, 7, 8]);
  });
  it("skips pixels where it shrinks: of six, the middle ones of each three are left", () => {
    assert.deepEqual(row([1, 2, 4, 8, 16, 32], 2), [2, 16]);
  });
  it("with antialiasing averages by a triangle that is as wide as the image shrinks: 2, 3, 2, 1 eighths at the edge", () => {
    const [left, right] = row([8, 16, 32, 64, 128, 256], 2, { antialias: true });
    const expected = [(2 * 8 + 3 * 16 + 2 * 32 + 64) / 8, (32 + 2 * 64 + 3 * 128 + 2 * 256) / 8];
    // eighths are exact; the weights are n / 3 over 8 / 3, each rounded
    for (const [i, value] of [left, right].entries()) assert.ok(Math.abs(value - expected[i]) < 256 * 2 ** -22);
  });
  it("bicubic spreads an impulse as Keys' kernel with slope -0.75 says, worked out at quarters", () => {
    const near = 0.87890625; // 1.25 / 64 - 2.25 / 16 + 1
    const far = 0.26171875; // 1.25 · 27 / 64 - 2.25 · 9 / 16 + 1
    const [second, third] = [-0.75 * 0.140625, -0.75 * 0.046875]; // d³ - 5d² + 8d - 4 at 5/4 and 7/4
    const impulse = row([0, 0, 0, 1, 0, 0, 0, 0], 16, { interpolation: "bicubic" });
    assert.deepEqual(impulse, [0, 0, 0, third, second, far, near, near, far, second, third, 0, 0, 0, 0, 0]);
  });
  it("takes bytes, stays on their scale and does not round", () => {
    const [bytes, floats] = [Uint8Array.of(0, 255, 3, 9), Float32Array.of(0, 255, 3, 9)];
    const planes = { channels: 2, height: 1, width: 2 };
    const halves = resize(bytes, planes, { height: 1, width: 1 });
    assert.deepEqual([...halves], [127.5, 6]);
    assert.deepEqual(resize(floats, planes, { height: 1, width: 1 }), halves);
  });
  it("refuses sides that are none, and images of another size", () => {
    const planes = { channels: 1, height: 2, width: 2 };
    const four = new Float32Array(4);
    for (const height of [0, 1.5, NaN]) {
      assert.throws(() => resize(four, planes, { height, width: 2 }), /at least 1; given 2x2 to .*x2\.$/);
    }
    assert.throws(() => resize(new Float32Array(5), planes, planes), /1x2x2 has 4 values, given 5\.$/);
  });
});

/** Of PyTorch 1.13 (`torch.nn.functional.interpolate`, float64, `align_corners=False`), to six decimals; the input is the 4 x 5 below. */
const RECORDED: readonly {
  readonly interpolation: Interpolation;
  readonly antialias: boolean;
  readonly height: number;
  readonly width: number;
  readonly expected: readonly number[];
}[] = [
  {
    interpolation: "bilinear",
    antialias: false,
    height: 3,
    width: 2,
    expected: [1.875, 2.416667, 5.5, 6.0, 3.083333, 7.083333],
  },
  {
    interpolation: "bilinear",
    antialias: false,
    height: 5,
    width: 7,
    expected: [
      3.0, 1.857143, 1.857143, 4.0, 1.857143, 2.714286, 5.0, 7.2, 4.057143, 2.757143, 5.4, 4.257143, 3.714286, 3.6, 7.0,
      5.857143, 5.714286, 7.5, 6.428571, 6.0, 6.0, 4.4, 5.428571, 6.485714, 7.2, 7.271429, 7.385714, 7.5, 3.0, 2.428571,
      2.285714, 3.0, 6.571429, 6.285714, 4.0,
    ],
  },
  {
    interpolation: "bilinear",
    antialias: true,
    height: 3,
    width: 2,
    expected: [3.204545, 3.404545, 6.25, 6.295455, 4.140909, 6.163636],
  },
  {
    interpolation: "bilinear",
    antialias: true,
    height: 5,
    width: 7,
    expected: [
      3.0, 1.857143, 1.857143, 4.0, 1.857143, 2.714286, 5.0, 7.2, 4.057143, 2.757143, 5.4, 4.257143, 3.714286, 3.6, 7.0,
      5.857143, 5.714286, 7.5, 6.428571, 6.0, 6.0, 4.4, 5.428571, 6.485714, 7.2, 7.271429, 7.385714, 7.5, 3.0, 2.428571,
      2.285714, 3.0, 6.571429, 6.285714, 4.0,
    ],
  },
  {
    interpolation: "bicubic",
    antialias: false,
    height: 3,
    width: 2,
    expected: [1.357354, 1.950471, 5.857056, 6.073608, 2.922467, 7.615338],
  },
  {
    interpolation: "bicubic",
    antialias: false,
    height: 5,
    width: 7,
    expected: [
      2.769024, 1.342886, 1.665825, 3.8785, 1.231973, 2.261706, 5.465061, 8.294996, 3.45022, 1.458533, 5.11125,
      4.306532, 3.189544, 2.836124, 7.914814, 6.263028, 6.197795, 8.25, 6.914131, 6.074617, 6.28125, 3.765911, 5.66345,
      7.49747, 7.65675, 7.486402, 7.805001, 8.326876, 2.976345, 2.052386, 1.526196, 2.6355, 7.150207, 6.797837,
      3.352689,
    ],
  },
  {
    interpolation: "bicubic",
    antialias: true,
    height: 3,
    width: 2,
    expected: [2.970396, 3.13756, 6.557947, 6.445021, 3.892801, 6.329959],
  },
  {
    interpolation: "bicubic",
    antialias: true,
    height: 5,
    width: 7,
    expected: [
      2.844287, 1.54576, 1.632191, 3.913462, 1.349546, 2.497843, 5.334671, 7.968596, 3.809197, 1.827135, 5.224915,
      4.253899, 3.371054, 3.098772, 7.620146, 6.175554, 5.960095, 8.0, 6.700802, 6.067001, 6.1875, 4.002791, 5.550595,
      7.125711, 7.529811, 7.428088, 7.680816, 8.05925, 2.981796, 2.190576, 1.742263, 2.740385, 7.099686, 6.519697,
      3.535521,
    ],
  },
];

describe("resizing as PyTorch does", () => {
  const input = Float32Array.of(3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4);
  for (const { interpolation, antialias, height, width, expected } of RECORDED) {
    it(`${interpolation}${antialias ? ", antialiased" : ""}, 4x5 to ${height}x${width}`, () => {
      const found = resize(
        input,
        { channels: 1, height: 4, width: 5 },
        { height, width },
        { interpolation, antialias },
      );
      assert.equal(found.length, expected.length);
      // Six decimals, and float32: at most five weights an axis, values up to 9: 20 roundings of 9 · 2^-24
      found.forEach((value, i) =>
        assert.ok(Math.abs(value - expected[i]) < 1e-6 + 20 * 9 * 2 ** -24, `${i}: ${value}`),
      );
    });
  }
});

describe("a square", () => {
  it("keeps the middle of the long side, at the size of the short one", () => {
    const planes = { channels: 1, height: 2, width: 5 };
    const image = Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    assert.deepEqual([...resizeToSquare(image, planes, 2)], [1, 2, 6, 7]);
    const upright = { channels: 2, height: 4, width: 2 };
    assert.deepEqual([...resizeToSquare(Float32Array.from({ length: 16 }, (_, i) => i), upright, 2)], [2, 3, 4, 5, 10, 11, 12, 13]); // prettier-ignore
  });
  it("of a square is a resized one", () => {
    const image = Float32Array.from({ length: 9 }, (_, i) => i * i);
    const planes = { channels: 1, height: 3, width: 3 };
    assert.deepEqual(resizeToSquare(image, planes, 5), resize(image, planes, { height: 5, width: 5 }));
    for (const side of [1.5, 0, NaN])
      assert.throws(() => resizeToSquare(image, planes, side), new RegExp(`given ${side}\\.`));
  });
});

describe("a scaled size", () => {
  it("rounds each side, halves to the even number", () => {
    assert.deepEqual(scaledSize({ height: 9, width: 11 }, 0.5), { height: 4, width: 6 });
    assert.deepEqual(scaledSize({ height: 9, width: 14 }, 1.4142), { height: 13, width: 20 });
    assert.deepEqual(scaledSize({ height: 7, width: 3 }, 1), { height: 7, width: 3 });
  });
  it("has a pixel at least", () => {
    assert.throws(
      () => scaledSize({ height: 40, width: 1 }, 0.3535),
      /at scale 0\.3535 an image of 40x1 is 14x0 pixels/,
    );
    assert.throws(() => scaledSize({ height: 4, width: 4 }, NaN), /larger scale/);
  });
});
