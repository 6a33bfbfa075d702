import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { augment, checkAugmentation, imageRandom, type Augmentation } from "../../src/data/augmentation.js";
import {
  DEGRADATIONS,
  degrade,
  drawDegradation,
  WORST_DEGRADATION,
  type Degradation,
} from "../../src/data/degradation.js";
import { degradedImageSet } from "../../src/data/degradedImageSet.js";
import type { HostImageSet, ImageSet } from "../../src/data/ImageSet.js";
import { selectImages } from "../../src/data/selectImages.js";
import { stream } from "../../src/tensor/random.js";
import { imageOf, numberedSet } from "./miniatures.js";

const SIDE = 32;
const planes = { channels: 1, height: SIDE, width: SIDE };

/** One image of one value, degraded. */
function degraded(value: number, kind: Degradation, severity: number, seed = 0): Float32Array {
  const image = new Float32Array(SIDE * SIDE).fill(value);
  degrade(image, 0, planes, { kind, severity }, stream("test", seed));
  return image;
}

describe("a degradation at its worst", () => {
  it("blurs a dot by 9 per cent of the side", () => {
    const image = new Float32Array(SIDE * SIDE);
    image[16 * SIDE + 16] = 1;
    degrade(image, 0, planes, { kind: "blur", severity: 1 }, stream(0));
    let spread = 0;
    image.forEach((value, at) => (spread += value * ((at % SIDE) - 16) ** 2));
    // cut off at three deviations, a Gaussian loses 2.7 per cent of its variance
    assert.ok(Math.abs(spread / (0.09 * SIDE) ** 2 - 1) < 0.03, `${spread}`);
  });
  it("adds noise with a deviation of a half, cut off at 0 and 1", () => {
    // Mid-grey is one deviation from either end: E[clip²] = ∫ over |x| < 1 of x² φ(x) + P(|x| > 1), in units of 1/4: 0.1987 + 0.3173
    const values = degraded(0.5, "noise", 1);
    const variance = values.reduce((sum, value) => sum + (value - 0.5) ** 2, 0) / values.length;
    // 1024 values between 0 and 1/4: the mean's deviation is at most 1/8 / 32; four of them
    assert.ok(Math.abs(variance - (0.1987 + 0.3173) / 4) < 4 / 256, `${variance}`);
    assert.ok(values.every((value) => value >= 0 && value <= 1) && values.includes(0) && values.includes(1));
  });
  it("covers 45 per cent of the area with mid-grey", () => {
    for (let seed = 0; seed < 50; seed++) {
      const covered = degraded(0, "occlusion", 1, seed).filter((value) => value === 0.5).length;
      // two sides of at most 32 · √0.9 pixels, each rounded by at most a half
      assert.ok(Math.abs(covered - 0.45 * SIDE * SIDE) <= 32 * Math.sqrt(0.9) + 0.25, `${seed}: ${covered}`);
    }
  });
  it("leaves a fifth of the rows and columns", () => {
    const image = Float32Array.from({ length: 100 * 100 }, (_, at) => (at % 100) / 100);
    degrade(image, 0, { channels: 1, height: 100, width: 100 }, { kind: "lowResolution", severity: 1 }, stream(0));
    // blocks of five columns, each of their mean
    for (let at = 0; at < image.length; at++) {
      const mean = (5 * Math.floor((at % 100) / 5) + 2) / 100;
      assert.ok(Math.abs(image[at] - mean) < 2 ** -20, `${at}`);
    }
  });
  it("takes 85 per cent of the contrast", () => {
    const image = Float32Array.of(0, 0, 0, 1);
    degrade(image, 0, { channels: 1, height: 2, width: 2 }, { kind: "contrast", severity: 1 }, stream(0));
    [0.2125, 0.2125, 0.2125, 0.3625].forEach((value, i) => assert.ok(Math.abs(image[i] - value) < 2 ** -24));
  });
  it("is written down for every kind", () => {
    assert.deepEqual(Object.keys(WORST_DEGRADATION), [...DEGRADATIONS]);
  });
});

describe("drawing a degradation", () => {
  it("gives each kind as often, and severities evenly in 0 .. 1", () => {
    const random = stream("draw");
    const kinds = new Map<string, number>();
    const quarters = [0, 0, 0, 0];
    for (let k = 0; k < 4000; k++) {
      const { kind, severity } = drawDegradation(random);
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      quarters[Math.floor(4 * severity)]++;
    }
    // of 4000 draws with p = 1/5 the deviation is 25, with p = 1/4 it is 27; five of them
    for (const kind of DEGRADATIONS) assert.ok(Math.abs(kinds.get(kind)! - 800) < 127, kind);
    for (const count of quarters) assert.ok(Math.abs(count - 1000) < 137, quarters.join());
    const few = new Set(Array.from({ length: 100 }, () => drawDegradation(random, ["blur", "contrast"]).kind));
    assert.deepEqual([...few].sort(), ["blur", "contrast"]);
  });
  it("takes two numbers, whatever the kinds", () => {
    for (const kinds of [undefined, ["noise"] as const]) {
      const random = stream("two");
      drawDegradation(random, kinds);
      const other = stream("two");
      for (let k = 0; k < 2; k++) other.uniform();
      assert.equal(random.uniform(), other.uniform());
    }
  });
  it("refuses severities and kinds that are none", () => {
    for (const severity of [-0.1, 1.1, NaN]) {
      assert.throws(() => degraded(0, "blur", severity), /severity lies in 0 \.\. 1, given/);
      assert.throws(() => degradedImageSet(numberedSet(2), { seed: 0, severity }), /severity lies in 0 \.\. 1, given/);
    }
    assert.throws(() => degraded(0, "fog" as Degradation, 1), /kinds are blur, .*, given "fog"/);
    assert.throws(() => degradedImageSet(numberedSet(2), { seed: 0, kinds: [] }), /one of them at least, given none/);
  });
});

describe("an augmentation with degradations", () => {
  const image = Float32Array.from({ length: SIDE * SIDE }, (_, i) => ((i * 37) % 101) / 100);
  const before: Augmentation = { affine: { rotation: 20 }, flip: 0.5, erase: { probability: 0.5 } };
  const augmented = (settings: Augmentation, number: number): Float32Array => {
    const output = new Float32Array(image.length);
    augment(image, output, 0, planes, settings, imageRandom([4, 5], number));
    return output;
  };
  it("of probability one degrades what the other changes left, with the numbers that follow theirs", () => {
    const kinds = ["blur", "noise", "contrast"] as const;
    for (let number = 0; number < 20; number++) {
      const expected = new Float32Array(image.length);
      const random = imageRandom([4, 5], number);
      augment(image, expected, 0, planes, before, random);
      random.uniform(); // whether
      degrade(expected, 0, planes, drawDegradation(random, kinds), random);
      assert.deepEqual(augmented({ ...before, degrade: { probability: 1, kinds } }, number), expected);
    }
  });
  it("of probability zero changes nothing", () => {
    for (let number = 0; number < 20; number++) {
      assert.deepEqual(augmented({ ...before, degrade: { probability: 0 } }, number), augmented(before, number));
    }
  });
  it("is checked", () => {
    const check = (degradation: object): void => checkAugmentation({ degrade: { probability: 1, ...degradation } });
    check({ kinds: ["noise"] });
    assert.throws(() => check({ probability: 2 }), /degrade\.probability lies in 0 \.\. 1, given 2/);
    assert.throws(() => check({ kinds: ["fog"] }), /given "fog"/);
    assert.throws(() => check({ kinds: [] }), /given none/);
  });
});

describe("a degraded set", () => {
  const set = numberedSet(8, 16);
  it("knows what happened to each image", () => {
    const spoilt: HostImageSet = degradedImageSet(set, { seed: 1 }); // still a set in memory
    assert.equal(spoilt.name, "numbered, degraded");
    assert.deepEqual(spoilt.labels, set.labels);
    assert.deepEqual(spoilt.columns.number, set.columns.number);
    assert.deepEqual(spoilt.measures.tenth, set.measures.tenth);
    const kinds = degradedImageSet(set, { seed: 1, kinds: ["noise"], severity: 0.5 });
    assert.deepEqual([...kinds.columns.degradation], Array<number>(8).fill(DEGRADATIONS.indexOf("noise")));
    assert.deepEqual([...kinds.measures.degradationSeverity], Array<number>(8).fill(0.5));
    for (let index = 0; index < set.count; index++) {
      const expected = Float32Array.from(imageOf(set, index));
      const random = imageRandom(stream(1, "degradation").key(), index);
      const drawn = drawDegradation(random);
      degrade(expected, 0, set, drawn, random);
      assert.deepEqual(imageOf(spoilt, index), [...expected]);
      assert.equal(spoilt.columns.degradation[index], DEGRADATIONS.indexOf(drawn.kind));
      assert.equal(spoilt.measures.degradationSeverity[index], Math.fround(drawn.severity));
    }
  });
  it("that is degraded again tells of the second time", () => {
    const once = degradedImageSet(set, { seed: 1, kinds: ["noise"], severity: 0.5 });
    const twice = degradedImageSet(once, { seed: 2, kinds: ["contrast"], severity: 1 });
    assert.deepEqual([...new Set(twice.columns.degradation)], [DEGRADATIONS.indexOf("contrast")]);
    const expected = Float32Array.from(imageOf(once, 3));
    degrade(expected, 0, set, { kind: "contrast", severity: 1 }, stream(0));
    assert.deepEqual(imageOf(twice, 3), [...expected]);
  });
  it("may be chosen from, and what is chosen may be degraded: the number in the set that is degraded counts", () => {
    const options = { seed: 3, kinds: ["noise"] } as const;
    const chosen = selectImages(degradedImageSet(set, options), Int32Array.of(5, 2), "some");
    assert.deepEqual(imageOf(chosen, 0), imageOf(degradedImageSet(set, options), 5));
    const first = degradedImageSet(selectImages(set, Int32Array.of(5, 2), "some"), options);
    const noise = degradedImageSet(numberedSet(8, 16), options).measures.degradationSeverity;
    assert.deepEqual([...first.measures.degradationSeverity], [...noise.slice(0, 2)]);
  });
  it("of a set that is decoded is read when the image is there, and fails with it", async () => {
    const decoded: ImageSet<Promise<void>> = {
      ...set,
      read: async (index, out, offset) => {
        await new Promise((resolve) => setImmediate(resolve));
        if (index === 7) throw new Error("image 7 is damaged");
        set.read(index, out, offset);
      },
    };
    const spoilt: ImageSet<Promise<void>> = degradedImageSet(decoded, { seed: 1 });
    const out = new Float32Array(2 * 256);
    await Promise.all([spoilt.read(2, out, 256), spoilt.read(4, out)]);
    const expected = degradedImageSet(set, { seed: 1 });
    assert.deepEqual([...out], [...imageOf(expected, 4), ...imageOf(expected, 2)]);
    await assert.rejects(spoilt.read(7, out), /image 7 is damaged/);
  });
});
