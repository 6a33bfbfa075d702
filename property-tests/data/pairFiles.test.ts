/** Pair files: the same pairs are read from every protocol and dialect of pickle. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import { readVerificationPairs } from "../../src/data/verificationPairs.js";
import { property } from "../property.js";
import { writePairs, type PickleStyle } from "../../test/data/writePickle.js";
import { evenly } from "../arbitraries/numbers.js";

/** Bytes that are escapes, quotes, ends of lines or instructions of a pickle more often than chance has them; some beyond 255 bytes. */
const image = fc.oneof(
  fc.uint8Array({ maxLength: 12 }),
  fc
    .array(fc.constantFrom(0, 10, 13, 26, 34, 39, 46, 92, 120, 127, 128, 255), { maxLength: 12 })
    .map((values) => Uint8Array.from(values)),
  fc.integer({ min: 250, max: 300 }).map((length) => new Uint8Array(length).map((_, i) => i)),
);
const pairs = fc.array(fc.record({ first: image, second: image, same: fc.boolean() }), { maxLength: 5 });
const styles: fc.Arbitrary<PickleStyle> = fc.record({
  protocol: fc.integer({ min: 0, max: 5 }),
  dialect: fc.constantFrom("bytes", "python 2", "numpy"),
  core: fc.constantFrom("numpy.core", "numpy._core"),
});

describe("pair files", () => {
  property(
    "what any protocol writes, as bytes, as strings of Python 2 or as arrays, is read as the images and answers it was",
    [pairs, styles],
    (given, style) => {
      const images = given.flatMap(({ first, second }) => [first, second]);
      const same = given.map((pair) => pair.same);
      const read = readVerificationPairs(writePairs(images, same, style), "pairs.bin");
      assert.deepEqual(
        read.images.map((bytes) => [...bytes]),
        images.map((bytes) => [...bytes]),
      );
      assert.deepEqual([...read.same], same.map(Number));
    },
    { runs: 300 },
  );

  property(
    "a pickle cut off anywhere is refused by name and byte",
    [pairs, styles, evenly(0, 1 - 2 ** -24)],
    (given, style, share) => {
      const images = given.flatMap(({ first, second }) => [first, second]);
      const whole = writePairs(
        images,
        given.map((pair) => pair.same),
        style,
      );
      const cut = whole.subarray(0, Math.floor(share * whole.length));
      assert.throws(() => readVerificationPairs(cut, "pairs.bin"), /^Error: pairs\.bin: .*\(byte \d+\)\.$/s);
    },
  );
});
