import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { augment, checkAugmentation, DEFAULT_AUGMENTATION, imageRandom } from "../../src/data/augmentation.js";
import { flipHorizontally } from "../../src/data/flip.js";
import { MINUS_ONE_TO_ONE, normalise } from "../../src/data/normalise.js";
import { stream } from "../../src/tensor/random.js";

const planes = { channels: 1, height: 8, width: 8 };
const image = Float32Array.from({ length: 64 }, (_, i) => i + 1);

describe("a flip", () => {
  it("mirrors left and right in every channel and row, and undoes itself", () => {
    const pixels = Float32Array.of(9, 1, 2, 3, 4, 5, 6, 9);
    flipHorizontally(pixels, 1, { channels: 2, height: 1, width: 3 });
    assert.deepEqual([...pixels], [9, 3, 2, 1, 6, 5, 4, 9]);
    flipHorizontally(pixels, 1, { channels: 2, height: 1, width: 3 });
    assert.deepEqual([...pixels], [9, 1, 2, 3, 4, 5, 6, 9]);
  });
});

describe("normalisation", () => {
  it("subtracts the mean and divides by the deviation, channel by channel", () => {
    const pixels = Float32Array.of(7, 1, 2, 3, 4);
    normalise(pixels, 1, { channels: 2, height: 1, width: 2 }, { mean: [1, 2], std: [1, 4] });
    assert.deepEqual([...pixels], [7, 0, 1, 0.25, 0.5]);
  });
  it("takes 0 .. 1 to -1 .. 1", () => {
    const pixels = Float32Array.of(0, 0.5, 1);
    normalise(pixels, 0, { channels: 3, height: 1, width: 1 }, MINUS_ONE_TO_ONE);
    assert.deepEqual([...pixels], [-1, 0, 1]);
  });
  it("refuses a deviation of zero and the wrong number of channels", () => {
    assert.throws(
      () => normalise(new Float32Array(1), 0, { channels: 1, height: 1, width: 1 }, { mean: 0, std: 0 }),
      /std is positive, given 0/,
    );
    const three = { mean: [0, 0, 0], std: 1 };
    assert.throws(
      () => normalise(new Float32Array(1), 0, { channels: 1, height: 1, width: 1 }, three),
      /3 given for 1 channels/,
    );
  });
});

describe("augmentation", () => {
  it("with no settings copies the image", () => {
    const output = new Float32Array(66);
    augment(image, output, 1, planes, {}, stream(0));
    assert.deepEqual([...output], [0, ...image, 0]);
  });
  it("with flips of probability one mirrors", () => {
    const output = new Float32Array(64);
    augment(image, output, 0, planes, { flip: 1 }, stream(0));
    assert.deepEqual([...output.slice(0, 8)], [8, 7, 6, 5, 4, 3, 2, 1]);
  });
  it("erases one rectangle no larger than it may be, with the background", () => {
    let erasedMost = 0;
    for (let k = 0; k < 200; k++) {
      const output = new Float32Array(64);
      augment(image, output, 0, planes, { erase: { probability: 1, area: 0.25 }, background: -5 }, stream("erase", k));
      const erased = [...output.keys()].filter((at) => output[at] === -5);
      const rows = new Set(erased.map((at) => at >> 3));
      const columns = new Set(erased.map((at) => at & 7));
      assert.equal(erased.length, rows.size * columns.size);
      output.forEach((value, at) => assert.ok(value === -5 || value === image[at]));
      erasedMost = Math.max(erasedMost, erased.length);
    }
    // A quarter of 64 is 16; each side is rounded by up to half a pixel of at least 2.8: (4 + ½)² < 21, (2.83 + ½)(5.66 + ½) < 21.
    assert.ok(erasedMost >= 12 && erasedMost <= 20, `${erasedMost}`);
  });
  it("is a function of the generator alone", () => {
    const settings = { ...DEFAULT_AUGMENTATION.omniglot, flip: 0.5, erase: { probability: 0.5 } };
    const once = (key: readonly [number, number], number: number): Float32Array => {
      const output = new Float32Array(64);
      augment(image, output, 0, planes, settings, imageRandom(key, number));
      return output;
    };
    assert.deepEqual(once([1, 2], 3), once([1, 2], 3));
    assert.notDeepEqual(once([1, 2], 3), once([1, 2], 4));
    assert.notDeepEqual(once([1, 2], 3), once([1, 3], 3));
  });
  it("has probabilities", () => {
    assert.throws(() => checkAugmentation({ flip: 1.5 }), /flip lies in 0 \.\. 1, given 1.5/);
    assert.throws(
      () => checkAugmentation({ erase: { probability: -1 } }),
      /erase.probability lies in 0 \.\. 1, given -1/,
    );
    assert.throws(() => checkAugmentation({ affine: { rotation: 500 } }), /rotation/);
    for (const settings of Object.values(DEFAULT_AUGMENTATION)) checkAugmentation(settings);
  });
});
