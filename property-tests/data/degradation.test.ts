/** Degradations of images: what each does, how far it goes with its severity, and that it depends on nothing but its seed. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { builtinIdentities } from "../../src/data/builtin/builtinIdentities.js";
import {
  DEGRADATIONS,
  degrade,
  WORST_DEGRADATION,
  type Degradation,
  type DrawnDegradation,
} from "../../src/data/degradation.js";
import { degradedImageSet } from "../../src/data/degradedImageSet.js";
import { byteImageSet, imageSize } from "../../src/data/ImageSet.js";
import { stream } from "../../src/tensor/random.js";
import { imageOf } from "../../test/data/miniatures.js";
import { evenly, seeds } from "../arbitraries/numbers.js";
import { property } from "../property.js";

/** Half of the distance between 1 and the next float32: the largest relative error of one rounding. */
const UNIT_ROUNDOFF = 2 ** -24;

interface Picture {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Multiples of 1/7, background and full ink among them: no value is the cover's. */
  readonly values: Float32Array;
}

const pictures: fc.Arbitrary<Picture> = fc
  .record({
    channels: fc.constantFrom(1, 3),
    height: fc.integer({ min: 1, max: 24 }),
    width: fc.integer({ min: 1, max: 24 }),
    seed: seeds(),
  })
  .map(({ seed, ...planes }) => {
    const random = stream(seed, "picture");
    return { ...planes, values: Float32Array.from({ length: imageSize(planes) }, () => random.integer(8) / 7) };
  });

const kinds = fc.constantFrom(...DEGRADATIONS);
const severities = evenly(0, 1);
/** Two severities, the smaller one first. */
const pairs = fc.tuple(severities, severities).map(([a, b]) => (a < b ? [a, b] : [b, a]));

function degraded(picture: Picture, drawn: DrawnDegradation, seed: number | string): Float32Array {
  const images = Float32Array.of(7, ...picture.values, 7); // neighbours in the batch
  degrade(images, 1, picture, drawn, stream(seed));
  assert.deepEqual([images[0], images[images.length - 1]], [7, 7]);
  return images.subarray(1, images.length - 1);
}

function meanSquaredDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum / a.length;
}

const meanOf = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("a degradation", () => {
  property("of severity 0 leaves every bit", [pictures, kinds, seeds()], (picture, kind, seed) => {
    const bits = new Uint32Array(degraded(picture, { kind, severity: 0 }, seed).slice().buffer);
    assert.deepEqual(bits, new Uint32Array(picture.values.slice().buffer));
  });

  property(
    "stays in 0 .. 1, and in its image",
    [pictures, kinds, severities, seeds()],
    (picture, kind, severity, seed) =>
      degraded(picture, { kind, severity }, seed).every((value) => value >= 0 && value <= 1),
  );

  property(
    "changes each pixel the more, the larger its severity: noise, occlusion and contrast, with the same random numbers",
    [pictures, fc.constantFrom<Degradation>("noise", "occlusion", "contrast"), pairs, seeds()],
    (picture, kind, [less, more], seed) => {
      const mild = degraded(picture, { kind, severity: less }, seed);
      const strong = degraded(picture, { kind, severity: more }, seed);
      picture.values.forEach((value, i) => {
        // one rounding to float32 of a value ≤ 1 in each
        assert.ok(Math.abs(strong[i] - value) >= Math.abs(mild[i] - value) - UNIT_ROUNDOFF, `pixel ${i}`);
      });
    },
  );

  property(
    "of any kind goes further from the image from quarter to quarter of its severity, on average over images",
    [kinds, seeds()],
    (kind, seed) => {
      const set = builtinIdentities({ identities: 8, samples: 2, side: 32, seed, severity: 0.3 });
      let before = 0;
      for (const severity of [0.25, 0.5, 0.75, 1]) {
        const spoilt = degradedImageSet(set, { seed, kinds: [kind], severity });
        let sum = 0;
        for (let i = 0; i < set.count; i++) sum += meanSquaredDifference(imageOf(set, i), imageOf(spoilt, i));
        assert.ok(sum > before, `${severity}: ${sum / set.count}, after ${before / set.count}`);
        before = sum;
      }
    },
    { runs: 25 },
  );

  property(
    "by blur keeps the mean: the image goes on as its mirror image",
    [pictures, severities],
    (picture, severity) => {
      const after = degraded(picture, { kind: "blur", severity }, 0);
      // Symmetric weights and mirrors keep the sum times that of the weights. A pass rounds weights and result: 2 units, two passes 4;
      // what exceeds 1 by as much is cut off: 4 more.
      assert.ok(Math.abs(meanOf(after) - meanOf(picture.values)) <= 8 * UNIT_ROUNDOFF);
    },
  );

  property("by low resolution keeps the mean: areas are averaged", [pictures, severities], (picture, severity) => {
    const after = degraded(picture, { kind: "lowResolution", severity }, 0);
    // Each input pixel's shares sum to the ratio of the sizes. Reducing rounds its weights twice, once between the axes, and in float32
    // sums at most 8 rows (7 rows become one, and no more): 12 units. Enlarging sums at most 2: 6. Cutting off at 1: as much again.
    assert.ok(Math.abs(meanOf(after) - meanOf(picture.values)) <= 36 * UNIT_ROUNDOFF);
  });

  property("by contrast is affine about the mean of the image", [pictures, severities], (picture, severity) => {
    const after = degraded(picture, { kind: "contrast", severity }, 0);
    const mean = meanOf(picture.values);
    const kept = 1 - 0.85 * severity;
    picture.values.forEach((value, i) => {
      assert.ok(Math.abs(after[i] - (kept * value + (1 - kept) * mean)) <= UNIT_ROUNDOFF);
    });
  });

  property(
    "by occlusion covers one rectangle in every channel, whose area follows the severity",
    [pictures, severities, seeds()],
    (picture, severity, seed) => {
      const after = degraded(picture, { kind: "occlusion", severity }, seed);
      const { channels, height, width, values } = picture;
      const rows = new Set<number>();
      const columns = new Set<number>();
      let covered = 0;
      after.forEach((value, at) => {
        if (value === values[at]) return;
        assert.equal(value, 0.5);
        covered++;
        rows.add(Math.floor(at / width) % height);
        columns.add(at % width);
      });
      const isContiguous = (places: Set<number>): boolean =>
        places.size === 0 || Math.max(...places) - Math.min(...places) + 1 === places.size;
      assert.ok(isContiguous(rows) && isContiguous(columns));
      assert.equal(covered, channels * rows.size * columns.size);
      // Sides of at most √(2 · share) of the image's, each rounded by at most half a pixel
      const share = WORST_DEGRADATION.occlusion * severity;
      const bound = (Math.sqrt(2 * share) * (height + width)) / 2 + 0.25;
      assert.ok(Math.abs(covered / channels - share * height * width) <= bound, `${covered}`);
    },
  );
});

describe("a degraded set", () => {
  const sets = fc.record({ count: fc.integer({ min: 1, max: 8 }), channels: fc.constantFrom(1, 3), seed: seeds() });
  const setOf = ({ count, channels, seed }: { count: number; channels: number; seed: number | string }) => {
    const random = stream(seed, "set");
    return byteImageSet({
      name: "random",
      channels,
      height: 9,
      width: 6,
      pixels: Uint8Array.from({ length: count * channels * 54 }, () => random.integer(256)),
      labels: new Int32Array(count),
    });
  };

  property(
    "is a function of set, seed and index, in whatever order and how often it is read",
    [sets, seeds(), fc.array(fc.nat(), { maxLength: 10 })],
    (options, seed, order) => {
      const set = setOf(options);
      const [inOrder, mixed] = [degradedImageSet(set, { seed }), degradedImageSet(setOf(options), { seed })];
      const images = Array.from({ length: set.count }, (_, index) => imageOf(inOrder, index));
      for (const number of order) assert.deepEqual(imageOf(mixed, number % set.count), images[number % set.count]);
      assert.deepEqual(inOrder.columns, mixed.columns);
      assert.deepEqual(inOrder.measures, mixed.measures);
    },
  );

  property("of severity 0 is the set", [sets, seeds()], (options, seed) => {
    const set = setOf(options);
    const same = degradedImageSet(set, { seed, severity: 0 });
    for (let index = 0; index < set.count; index++) assert.deepEqual(imageOf(same, index), imageOf(set, index));
  });

  property("draws the same kinds whatever the severity is", [sets, seeds(), severities], (options, seed, severity) => {
    const set = setOf(options);
    const { columns } = degradedImageSet(set, { seed });
    assert.deepEqual(degradedImageSet(set, { seed, severity }).columns, columns);
  });
});
