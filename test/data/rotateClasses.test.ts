import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { byteImageSet } from "../../src/data/ImageSet.js";
import { rotateClasses, turnPlane } from "../../src/data/rotateClasses.js";
import { stream } from "../../src/tensor/random.js";
import { imageOf, numberedSet } from "./miniatures.js";

const side = 5;
const random = stream("rotateClasses");
const plane = Float32Array.from({ length: side * side }, () => random.uniform());
function turned(input: Float32Array, turns: number): Float32Array {
  const output = new Float32Array(side * side);
  turnPlane(input, 0, side, turns, output, 0);
  return output;
}

describe("quarter turns", () => {
  it("are counterclockwise: the right edge becomes the top edge", () => {
    const output = new Float32Array(4);
    turnPlane(Float32Array.of(1, 2, 3, 4), 0, 2, 1, output, 0);
    assert.deepEqual([...output], [2, 4, 1, 3]);
  });
  it("compose: turning by a and then by b is turning by a + b, and four are none", () => {
    for (let a = 0; a < 4; a++) {
      for (let b = 0; b < 4; b++) assert.deepEqual(turned(turned(plane, a), b), turned(plane, a + b));
    }
    assert.deepEqual(turned(plane, 4), plane);
  });
});

describe("classes times four turns", () => {
  const set = numberedSet(6, 3, 3);
  const rotated = rotateClasses(set);
  it("are four times as many images and classes, each class as large as before", () => {
    assert.equal(rotated.count, 24);
    assert.equal(rotated.classes, 12);
    for (let label = 0; label < 12; label++) assert.equal(rotated.labels.filter((other) => other === label).length, 2);
    assert.deepEqual([...rotated.columns.number.slice(6, 12)], [0, 1, 2, 3, 4, 5]);
    assert.deepEqual([...rotated.columns.turns.slice(5, 8)], [0, 1, 1]);
    assert.equal(rotated.measures.tenth.length, 24);
  });
  it("turn every channel, at the offset asked for", async () => {
    for (let turns = 0; turns < 4; turns++) {
      const out = new Float32Array(30);
      await rotated.read(6 * turns + 4, out, 3);
      const original = Float32Array.from(imageOf(set, 4));
      for (let channel = 0; channel < 3; channel++) {
        const expected = new Float32Array(9);
        turnPlane(original, 9 * channel, 3, turns, expected, 0);
        assert.deepEqual(out.slice(3 + 9 * channel, 12 + 9 * channel), expected);
      }
    }
  });
  it("need square images", () => {
    const pixels = new Uint8Array(2);
    const flat = byteImageSet({ name: "flat", height: 1, width: 2, channels: 1, pixels, labels: Int32Array.of(0) });
    assert.throws(() => rotateClasses(flat), /flat: quarter turns need square images, these are 1 high and 2 wide/);
  });
});
