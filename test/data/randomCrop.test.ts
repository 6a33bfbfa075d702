import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkAugmentation } from "../../src/data/augmentation.js";
import { drawCrop } from "../../src/data/randomCrop.js";

describe("a random crop", () => {
  const constant = (value: number) => ({ uniform: () => value });
  it("is the whole image after ten tries that do not fit", () => {
    let asked = 0;
    const random = { uniform: () => (asked++, 0.999) };
    assert.deepEqual(drawCrop({}, 100, 100, random), { left: 0, top: 0, width: 100, height: 100 });
    assert.equal(asked, 30);
  });
  it("of numbers at their least is 8 % of the area, 4 high to 3 wide with sides changed, at the corner", () => {
    // √(0.08 · 4/3) = 0.3266 and √(0.08 · 3/4) = 0.2449: 327 and 245; unchanged it would be upright
    assert.deepEqual(drawCrop({}, 1000, 1000, constant(0)), { left: 0, top: 0, width: 327, height: 245 });
  });
  it("and colour noise have ranges", () => {
    assert.throws(() => checkAugmentation({ crop: { area: [0, 1] } }), /a share above 0 .*given 0 \.\. 1\.$/);
    assert.throws(() => checkAugmentation({ crop: { area: [0.5, 0.4] } }), /given 0\.5 \.\. 0\.4/);
    assert.throws(() => checkAugmentation({ crop: { aspect: [2, 1] } }), /width \/ height .* given 2 \.\. 1/);
    for (const colourNoise of [-0.1, NaN, Infinity]) {
      assert.throws(() => checkAugmentation({ colourNoise }), /colourNoise is a standard deviation, 0 or more, given/);
    }
    checkAugmentation({ crop: {}, colourNoise: 0.1 });
  });
});
