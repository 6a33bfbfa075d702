import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ipkImageSet } from "../../src/data/ipkImageSet.js";
import { readIpk, readIpkHeader } from "../../src/data/readIpk.js";
import { ipkBytes, type Miniature } from "./miniatures.js";

/** Rows of 5 · C samples: padded for 1 and 2 bits. */
function miniature(bits: number, channels: number): Miniature {
  return {
    height: 3,
    width: 5,
    channels,
    bits,
    labels: [
      [0, 4],
      [1, 5],
      [1, 2 ** 24],
    ],
    sample: (image, channel, row, column) => (image * 101 + channel * 37 + row * 11 + column * 5) % 2 ** bits,
  };
}
const small = ipkBytes(miniature(2, 1));

/** `small` with another 32-bit word at a byte. */
function withWord(at: number, word: number): Uint8Array {
  const bytes = small.slice();
  new DataView(bytes.buffer).setUint32(at, word, true);
  return bytes;
}

describe("an image container", () => {
  for (const bits of [1, 2, 8]) {
    for (const channels of [1, 3]) {
      it(`of ${bits} bits and ${channels} channels gives back every sample, channel by channel`, () => {
        const source = miniature(bits, channels);
        const file = readIpk(ipkBytes(source), "mini");
        assert.deepEqual(
          [file.count, file.height, file.width, file.channels, file.bits, file.labelColumns],
          [3, 3, 5, channels, bits, 2],
        );
        const out = new Float32Array(15 * channels + 1);
        for (let image = 0; image < 3; image++) {
          file.read(image, out, 1);
          for (let channel = 0; channel < channels; channel++) {
            for (let row = 0; row < 3; row++) {
              for (let column = 0; column < 5; column++) {
                const expected = source.sample(image, channel, row, column) / (2 ** bits - 1);
                assert.equal(out[1 + (channel * 3 + row) * 5 + column], Math.fround(expected));
              }
            }
          }
        }
      });
    }
  }
  it("gives its labels column by column", () => {
    const file = readIpk(small, "mini");
    assert.deepEqual([...file.label(0)], [0, 1, 1]);
    assert.deepEqual([...file.label(1)], [4, 5, 2 ** 24]);
    assert.throws(() => file.label(2), /mini: label columns are 0 \.\. 1, asked for 2/);
  });
  it("is read from a view into a larger buffer just as well", () => {
    const buffer = new Uint8Array(small.length + 3);
    buffer.set(small, 3);
    assert.deepEqual([...readIpk(buffer.subarray(3), "mini").label(1)], [4, 5, 2 ** 24]);
  });
  it("as an image set has named columns, of which one is the class", () => {
    const set = ipkImageSet(readIpk(small, "mini"), ["class", "size"], "mini set");
    assert.deepEqual([set.name, set.count, set.classes], ["mini set", 3, 2]);
    assert.deepEqual([...set.columns.size], [4, 5, 2 ** 24]);
    assert.throws(
      () => ipkImageSet(readIpk(small, "mini"), ["class"], "x"),
      /mini: x has 1 label columns.*says 2 \(byte 24\)/,
    );
  });
});

describe("a damaged image container is refused with the byte where it breaks:", () => {
  const cases: [string, Uint8Array, RegExp][] = [
    ["no bytes at all", new Uint8Array(0), /mini: the header is 28 bytes, but the file ends at byte 0/],
    ["half a header", small.subarray(0, 20), /ends at byte 20/],
    ["another magic", withWord(0, 0x324b5049), /starts with "IPK1" .* 49 50 4b 32 \(byte 3\)/],
    ["no images", withWord(4, 0), /at least one image, but the header says 0 \(byte 4\)/],
    ["no height", withWord(8, 0), /height .* says 0 \(byte 8\)/],
    ["an absurd width", withWord(12, 0xffffffff), /width .* says 4294967295 \(byte 12\)/],
    ["two channels", withWord(16, 2), /1 or 3 channels, but the header says 2 \(byte 16\)/],
    ["four bits", withWord(20, 4), /1, 2 or 8 bits, but the header says 4 \(byte 20\)/],
    ["an absurd label count", withWord(24, 0x80000000), /at most 64 labels, .* \(byte 24\)/],
    ["more images than any machine holds", withWord(4, 0xffffffff), /4294967295 images of 3x5x1 .* at most 2147483647/],
    ["one image more than there is", withWord(4, 4), /the file ends at byte 84 .* ends early, at byte 70/],
    ["a missing last byte", small.subarray(0, small.length - 1), /ends at byte 70 .* ends early, at byte 69/],
    ["a byte too many", Uint8Array.of(...small, 0), /ends at byte 70 .* ends late, at byte 71/],
    ["a negative label", withWord(28 + 4 * 3, 0xffffffff), /image 1 has -1 in label column 1 \(byte 40\)/],
    ["a label beyond 2^24", withWord(28 + 4 * 4, 2 ** 24 + 1), /image 2 has 16777217 in label column 0 \(byte 44\)/],
  ];
  for (const [what, bytes, message] of cases) {
    it(what, () => {
      assert.throws(() => readIpk(bytes, "mini"), message);
      assert.throws(() => readIpk(bytes, "mini"), /^Error: mini: /);
    });
  }
  it("and the largest header is judged without allocating anything", () => {
    const worst = withWord(4, 0xffffffff);
    const view = new DataView(worst.buffer);
    view.setUint32(8, 65_535, true);
    view.setUint32(12, 65_535, true);
    view.setUint32(16, 3, true);
    view.setUint32(20, 8, true);
    assert.throws(() => readIpkHeader(worst, "mini"), /at most 2147483647/);
  });
});
