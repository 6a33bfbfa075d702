import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { roundToHalf } from "../../src/tensor/float16.js";
import { halfValue } from "./halfValue.js";

describe("rounding to binary16", () => {
  it("leaves every half as it is", () => {
    for (let bits = 0; bits < 65_536; bits++) {
      const value = halfValue(bits);
      assert.ok(Object.is(roundToHalf(value), value), `${bits.toString(16)}: ${value}`);
    }
  });

  it("takes the nearer of two neighbours, and the even one from the middle", () => {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const [below, above] = [halfValue(bits), halfValue(bits + 1)];
      const middle = (below + above) / 2;
      const even = bits % 2 === 0 ? below : above;
      for (const sign of [1, -1]) {
        assert.equal(roundToHalf(sign * middle), sign * even);
        assert.equal(roundToHalf(sign * (middle * (1 - 2 ** -50))), sign * below);
        assert.equal(roundToHalf(sign * (middle * (1 + 2 ** -50))), sign * above);
      }
    }
  });

  it("is infinite from 65,520 on, the middle between the largest half and what would be the next", () => {
    assert.equal(roundToHalf(65_519.999), 65_504);
    assert.equal(roundToHalf(65_520), Infinity);
    assert.equal(roundToHalf(-1e300), -Infinity);
    assert.ok(Number.isNaN(roundToHalf(NaN)));
  });
});
