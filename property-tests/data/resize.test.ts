/** Resizing by interpolation: against its definition in two dimensions, and on images of which the result is known. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { resize, type Interpolation, type ResizeOptions } from "../../src/data/resize.js";
import { stream } from "../../src/tensor/random.js";
import { evenly, seeds } from "../arbitraries/numbers.js";
import { property } from "../property.js";

const UNIT_ROUNDOFF = 2 ** -24;

const sides = fc.integer({ min: 1, max: 24 });
const sizes = fc.record({ height: sides, width: sides });
const ways: fc.Arbitrary<Required<ResizeOptions>> = fc.record({
  interpolation: fc.constantFrom<Interpolation>("bilinear", "bicubic"),
  antialias: fc.boolean(),
});

type Size = { readonly height: number; readonly width: number };

/**
 * What float32 may lose, values at most 1: the weights of an axis are rounded once each, the sum along a row once, and down the columns n products
 * and n sums are. Absolute weights sum to at most 1.375 an axis (bicubic at a half), to less than 2 for both.
 */
function slack(from: Size, to: Size): number {
  const taps = 4 * Math.max(1, from.height / to.height) + 2;
  return 2 * (2 * taps + 4) * UNIT_ROUNDOFF;
}

function resized(values: ArrayLike<number>, from: Size, to: Size, options?: ResizeOptions): Float32Array {
  return resize(Float32Array.from(values), { channels: 1, ...from }, to, options);
}

/** Weight at distance d, written as the sum of powers. */
function kernel(interpolation: Interpolation, a: number, distance: number): number {
  const d = Math.abs(distance);
  if (interpolation === "bilinear") return d < 1 ? 1 - d : 0;
  if (d >= 2) return 0;
  return d < 1 ? (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1 : a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a;
}

/** Every output pixel against every pixel of an image that goes on for ever as its edges, or ends at its border and is averaged. */
function byDefinition(
  values: ArrayLike<number>,
  from: Size,
  to: Size,
  { interpolation, antialias }: Required<ResizeOptions>,
) {
  const weight = (position: number, output: number, input: number, target: number): number => {
    const span = input / target;
    const stretch = antialias && span > 1 ? span : 1;
    return kernel(interpolation, antialias ? -0.5 : -0.75, (position + 0.5 - (output + 0.5) * span) / stretch);
  };
  const margin = antialias ? 0 : 3;
  const clamp = (position: number, side: number): number => Math.min(side - 1, Math.max(0, position));
  return Float64Array.from({ length: to.height * to.width }, (_, at) => {
    const [row, column] = [Math.floor(at / to.width), at % to.width];
    let [sum, total] = [0, 0];
    for (let y = -margin; y < from.height + margin; y++) {
      for (let x = -margin; x < from.width + margin; x++) {
        const w = weight(y, row, from.height, to.height) * weight(x, column, from.width, to.width);
        sum += w * values[clamp(y, from.height) * from.width + clamp(x, from.width)];
        total += w;
      }
    }
    return sum / total;
  });
}

describe("resizing", () => {
  property("is its definition", [sizes, sizes, ways, seeds()], (from, to, way, seed) => {
    const random = stream(seed);
    const values = Float32Array.from({ length: from.height * from.width }, () => random.uniform());
    const expected = byDefinition(values, from, to, way);
    resized(values, from, to, way).forEach((value, i) => {
      assert.ok(Math.abs(value - expected[i]) <= slack(from, to), `${i}: ${value}, expected ${expected[i]}`);
    });
  });

  property("of a constant is that constant", [sizes, sizes, ways, evenly(0, 1)], (from, to, way, constant) => {
    const values = new Float32Array(from.height * from.width).fill(constant);
    for (const value of resized(values, from, to, way)) {
      assert.ok(Math.abs(value - constant) <= slack(from, to) * constant, `${value}`);
    }
  });

  property("to the same size changes no bit", [sizes, ways, seeds()], (size, way, seed) => {
    const random = stream(seed);
    const values = Float32Array.from({ length: size.height * size.width }, () => random.normal());
    assert.deepEqual(resized(values, size, size, way), values);
  });

  property(
    "keeps a ramp a ramp, wherever its center lies inside: bilinear, and the averaging cubic where it enlarges",
    [sizes, sizes, fc.boolean()],
    (from, to, cubic) => {
      if (cubic && (to.height < from.height || to.width < from.width)) to = { height: 24, width: 24 };
      const values = Float32Array.from({ length: from.height * from.width }, (_, at) => {
        return (Math.floor(at / from.width) + (at % from.width)) / 48;
      });
      const way = { interpolation: cubic ? "bicubic" : "bilinear", antialias: cubic } as const;
      const found = resized(values, from, to, way);
      const reach = cubic ? 1 : 0; // a whole kernel of two pixels to each side lies inside
      const isInside = (c: number, side: number): boolean => c >= reach && c <= side - 1 - reach;
      found.forEach((value, at) => {
        const y = ((Math.floor(at / to.width) + 0.5) * from.height) / to.height - 0.5;
        const x = (((at % to.width) + 0.5) * from.width) / to.width - 0.5;
        if (!isInside(y, from.height) || !isInside(x, from.width)) return;
        assert.ok(Math.abs(value - (y + x) / 48) <= slack(from, to), `(${y}, ${x}): ${value}`);
      });
    },
  );

  property(
    "with antialiasing makes a checkerboard its mean inside: exactly for even factors, to 1 / (2 f⁴) for odd ones",
    [fc.integer({ min: 2, max: 6 }), fc.integer({ min: 3, max: 5 })],
    (factor, side) => {
      const [from, to] = [
        { height: factor * side, width: factor * side },
        { height: side, width: side },
      ];
      const board = Float32Array.from({ length: from.height ** 2 }, (_, at) => (Math.floor(at / from.width) + at % from.width) % 2); // prettier-ignore
      const found = resized(board, from, to, { antialias: true });
      // The triangle of width f is a box of f pixels, twice. Alternating signs over such a box sum to 0 or ±1 of f: 1 / f² an axis, or 0.
      const away = factor % 2 === 0 ? 0 : 0.5 / factor ** 4;
      for (let row = 1; row < side - 1; row++) {
        for (let column = 1; column < side - 1; column++) {
          const distance = Math.abs(found[row * side + column] - 0.5);
          assert.ok(Math.abs(distance - away) <= slack(from, to), `${distance}`);
        }
      }
    },
  );

  property("treats rows and columns alike", [sizes, sizes, ways, seeds()], (from, to, way, seed) => {
    const random = stream(seed);
    const turn = ({ height, width }: Size): Size => ({ height: width, width: height });
    const transposed = (values: Float32Array, { height, width }: Size): Float32Array =>
      values.map((_, at) => values[(at % height) * width + Math.floor(at / height)]);
    const values = Float32Array.from({ length: from.height * from.width }, () => random.uniform());
    const found = transposed(resized(values, from, to, way), to);
    resized(transposed(values, from), turn(from), turn(to), way).forEach((value, i) => {
      assert.ok(Math.abs(value - found[i]) <= slack(from, to) + slack(turn(from), turn(to)), `${i}: ${value}`);
    });
  });
});
