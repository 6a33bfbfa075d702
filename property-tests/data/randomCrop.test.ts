/** Random crops, boxes and colour noise: where they lie, what is drawn how often, and what an image looks like after them. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { augment } from "../../src/data/augmentation.js";
import { addColourNoise } from "../../src/data/colourNoise.js";
import { boxRectangle, crop, cropToBox } from "../../src/data/cropBox.js";
import { drawCrop, randomResizedCrop } from "../../src/data/randomCrop.js";
import { stream } from "../../src/tensor/random.js";
import { evenly, seeds } from "../arbitraries/numbers.js";
import { assertNormal, assertUniform } from "../distributions.js";
import { property } from "../property.js";
import { assertShares } from "../statistics.js";

const UNIT_ROUNDOFF = 2 ** -24;
const sides = fc.integer({ min: 1, max: 40 });
/** Rising, within min .. max. */
const ranges = (min: number, max: number) =>
  fc.tuple(evenly(min, max), evenly(min, max)).map(([a, b]): [number, number] => (a < b ? [a, b] : [b, a]));

describe("a random crop", () => {
  property(
    "lies inside, with the area and proportions that were asked for to half a pixel a side, or is the whole image",
    [sides, sides, ranges(0.01, 1), ranges(0.3, 3), seeds()],
    (height, width, area, aspect, seed) => {
      const part = drawCrop({ area, aspect }, height, width, stream(seed));
      const { left, top, width: columns, height: rows } = part;
      assert.ok(left >= 0 && top >= 0 && rows >= 1 && columns >= 1, JSON.stringify(part));
      assert.ok(left + columns <= width && top + rows <= height, JSON.stringify(part));
      if (rows === height && columns === width) return;
      const pixels = height * width;
      const [smallest, largest] = [(rows - 0.5) * (columns - 0.5), (rows + 0.5) * (columns + 0.5)];
      assert.ok(smallest <= area[1] * pixels && largest >= area[0] * pixels, JSON.stringify(part));
      const [least, most] = [(columns - 0.5) / (rows + 0.5), (columns + 0.5) / (rows - 0.5)];
      const fits = ([low, high]: readonly number[]): boolean => most >= low && least <= high;
      assert.ok(fits(aspect) || fits([1 / aspect[1], 1 / aspect[0]]), JSON.stringify(part));
    },
  );

  property(
    "changes its sides half of the time, and its area and place are even",
    [seeds()],
    (seed) => {
      const random = stream(seed);
      const crops = Array.from({ length: 2000 }, () =>
        drawCrop({ area: [0.05, 0.6], aspect: [1.1, 1.4] }, 2000, 2000, random),
      );
      assertShares([crops.filter(({ width, height }) => width > height).length], crops.length, 0.5);
      assertUniform(crops.map(({ width, height }) => (width * height) / 2000 ** 2).map((area) => (area - 0.049) / 0.552)); // prettier-ignore
      assertUniform(crops.map(({ left, width }) => (left + 0.5) / (2000 - width + 1)));
      assertUniform(crops.map(({ top, height }) => (top + 0.5) / (2000 - height + 1)));
    },
    { runs: 10 },
  );

  property(
    "shows the part at the size of the whole: a ramp stays a ramp",
    [fc.integer({ min: 2, max: 24 }), fc.constantFrom(1, 3), seeds()],
    (side, channels, seed) => {
      const planes = { channels, height: side, width: side };
      const image = Float32Array.from({ length: channels * side * side }, (_, at) => {
        const [row, column] = [Math.floor(at / side) % side, at % side];
        return (row + 2 * column) / 72 + Math.floor(at / side ** 2);
      });
      const part = drawCrop({}, side, side, stream(seed));
      const shown = randomResizedCrop(image, planes, {}, stream(seed));
      shown.forEach((value, at) => {
        const [row, column] = [Math.floor(at / side) % side, at % side];
        const inside = (c: number, length: number): number => Math.min(length - 1, Math.max(0, c));
        const y = part.top + inside(((row + 0.5) * part.height) / side - 0.5, part.height);
        const x = part.left + inside(((column + 0.5) * part.width) / side - 0.5, part.width);
        const expected = (y + 2 * x) / 72 + Math.floor(at / side ** 2);
        assert.ok(Math.abs(value - expected) <= 8 * 3 * UNIT_ROUNDOFF, `${value}, expected ${expected}`); // values below 3, eight roundings
      });
    },
  );

  property(
    "comes before all else: the flip mirrors the part",
    [fc.integer({ min: 1, max: 12 }), seeds()],
    (side, seed) => {
      const planes = { channels: 1, height: side, width: side };
      const random = stream(seed, "image");
      const image = Float32Array.from({ length: side * side }, () => random.uniform());
      const after = new Float32Array(side * side);
      const part = randomResizedCrop(image, planes, {}, stream(seed));
      augment(image, after, 0, planes, { crop: {}, flip: 1 }, stream(seed));
      assert.deepEqual(after, part.map((_, at) => part[at - (at % side) + side - 1 - (at % side)])); // prettier-ignore
    },
  );
});

describe("a box", () => {
  property(
    "is cut out at truncated corners, or refused where nothing is inside",
    [sides, sides, fc.array(evenly(-3, 43), { minLength: 4, maxLength: 4 })],
    (height, width, [x1, y1, x2, y2]) => {
      const image = Float32Array.from({ length: 2 * height * width }, (_, i) => i);
      const planes = { channels: 2, height, width };
      const whole = [x1, y1, x2, y2].map((value) => (value < 0 ? Math.ceil(value) : Math.floor(value)));
      const isInside = whole[0] >= 0 && whole[1] >= 0 && whole[2] <= width && whole[3] <= height;
      if (!isInside || whole[0] >= whole[2] || whole[1] >= whole[3]) {
        assert.throws(() => boxRectangle([x1, y1, x2, y2], planes), /^Error: crop: a box/);
        return;
      }
      const cut = cropToBox(image, planes, [x1, y1, x2, y2]);
      const expected: number[] = [];
      for (let channel = 0; channel < 2; channel++) {
        for (let y = whole[1]; y < whole[3]; y++) {
          for (let x = whole[0]; x < whole[2]; x++) expected.push((channel * height + y) * width + x);
        }
      }
      assert.deepEqual([...cut.image], expected);
      assert.deepEqual([cut.channels, cut.height, cut.width], [2, whole[3] - whole[1], whole[2] - whole[0]]);
      const bytes = crop(Uint8Array.from(image), planes, boxRectangle([x1, y1, x2, y2], planes));
      assert.deepEqual(bytes, Uint8Array.from(expected));
    },
    {
      examples: [
        [40, 40, [0, 0, 40, 40]],
        [9, 9, [-0.5, -0.9, 9.7, 9.2]],
      ],
    },
  );
});

/** λ_k and p_k of Krizhevsky et al., component by component. */
const COMPONENTS = [
  { weight: 0.2175, direction: [-0.5675, -0.5808, -0.5836] },
  { weight: 0.0188, direction: [0.7192, -0.0045, -0.6948] },
  { weight: 0.0045, direction: [0.4009, -0.814, 0.4203] },
] as const;

/** What a deviation adds to red, green and blue. */
function shiftOf(deviation: number, random: ReturnType<typeof stream>): Float32Array {
  const images = new Float32Array(3);
  addColourNoise(images, 0, { channels: 3, height: 1, width: 1 }, deviation, random);
  return images;
}

describe("colour noise", () => {
  property(
    "adds one colour to all pixels, and none if it is 0",
    [sides, evenly(0, 1), seeds()],
    (side, deviation, seed) => {
      const planes = { channels: 3, height: side, width: 2 };
      const random = stream(seed, "image");
      const image = Float32Array.from({ length: 6 * side + 2 }, () => random.uniform());
      const noisy = image.slice();
      addColourNoise(noisy, 1, planes, deviation, stream(seed));
      const colour = shiftOf(deviation, stream(seed));
      image.forEach((value, i) => {
        const isOutside = i === 0 || i === image.length - 1;
        const added = isOutside ? 0 : colour[Math.floor((i - 1) / (2 * side))];
        // the sum is rounded, and so was the colour; |value| < 1
        assert.ok(Math.abs(noisy[i] - value - added) <= UNIT_ROUNDOFF * (1 + 2 * Math.abs(added)), `${i}`);
      });
      const same = image.slice();
      addColourNoise(same, 1, planes, 0, stream(seed));
      assert.deepEqual(same, image);
    },
  );

  property(
    "is normal along each component, with its weight",
    [seeds()],
    (seed) => {
      const random = stream(seed);
      const colours = Array.from({ length: 1500 }, () => shiftOf(0.1, random));
      for (const { weight, direction } of COMPONENTS) {
        // the components are orthonormal to four digits
        assertNormal(colours.map((colour) => direction.reduce((sum, p, i) => sum + p * colour[i], 0) / (0.1 * weight)));
      }
    },
    { runs: 10 },
  );

  property("comes after the flip and before the erased rectangle", [seeds()], (seed) => {
    const planes = { channels: 3, height: 6, width: 6 };
    const image = new Float32Array(108).fill(0.5);
    const after = new Float32Array(108);
    augment(image, after, 0, planes, { colourNoise: 0.1, erase: { probability: 1, area: 0.5 }, background: 7 }, stream(seed)); // prettier-ignore
    const colour = shiftOf(0.1, stream(seed));
    after.forEach((value, i) => {
      assert.ok(value === 7 || Math.abs(value - 0.5 - colour[Math.floor(i / 36)]) <= 2 * UNIT_ROUNDOFF, `${value}`);
    });
  });
});
