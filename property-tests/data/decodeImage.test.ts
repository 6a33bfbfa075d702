/** Decoding: a picture of the wanted size is not touched, a longer one is cut in its middle, an even one stays even. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import fc from "fast-check";
import sharp from "sharp";
import { decodeImage } from "../../src/data/decodeImage.node.js";
import { pixelOf, pngOf, type Picture } from "../../test/data/picture.js";
import { pictures } from "../arbitraries/pictures.js";
import { property } from "../property.js";
import { evenly } from "../arbitraries/numbers.js";

const side = fc.integer({ min: 1, max: 12 });
/** Pictures of the wanted height, or of the wanted width, and longer in the other direction. */
const longPictures = fc
  .tuple(side, fc.nat({ max: 9 }), fc.boolean())
  .chain(([short, more, upright]) =>
    pictures(fc.constant(short + (upright ? more : 0)), fc.constant(short + (upright ? 0 : more))),
  );

/** Channel after channel, the S x S pixels from (top, left) on. */
function cut(picture: Picture, size: number, top: number, left: number): number[] {
  const places = Array.from({ length: size * size }, (_, i) => [top + Math.floor(i / size), left + (i % size)]);
  return [0, 1, 2].flatMap((channel) => places.map(([row, column]) => pixelOf(picture, channel, row, column)));
}

describe("decoding an image", () => {
  property(
    "a picture whose short side fits is cut in its middle and otherwise kept byte by byte, red first",
    [longPictures],
    async (picture) => {
      const { height, width } = picture;
      const size = Math.min(height, width);
      const decoded = [...(await decodeImage(pngOf(picture), size, "picture"))];
      // where an odd number of pixels is too many, the middle has two places
      const [tops, lefts] = [height - size, width - size].map((excess) => [
        Math.floor(excess / 2),
        Math.ceil(excess / 2),
      ]);
      const middles = tops.flatMap((top) => lefts.map((left) => cut(picture, size, top, left).join()));
      assert.ok(middles.includes(decoded.join()), `${height}x${width} gives ${decoded.join()}`);
    },
    { runs: 60 },
  );

  property(
    "a picture of one colour has this colour at every size, give or take the last bit",
    [fc.tuple(fc.nat({ max: 255 }), fc.nat({ max: 255 }), fc.nat({ max: 255 })), side, side, side],
    async (colour, height, width, size) => {
      const pixels = Array.from({ length: height * width }, () => colour).flat();
      const decoded = await decodeImage(pngOf({ height, width, pixels }), size, "picture");
      assert.equal(decoded.length, 3 * size * size);
      // the kernel's weights are rounded so that they may miss one by less than a level
      decoded.forEach((value, i) => assert.ok(Math.abs(value - colour[Math.floor(i / (size * size))]) <= 1));
    },
    { runs: 60 },
  );

  property(
    "a grey picture has three equal channels, and what is transparent is black",
    [side, fc.nat({ max: 255 }), fc.infiniteStream(fc.nat({ max: 255 }))],
    async (size, alpha, greys) => {
      const values = Uint8Array.from({ length: size * size }, () => greys.next().value as number);
      const grey = await sharp(values, { raw: { width: size, height: size, channels: 1 } })
        .png()
        .toBuffer();
      assert.deepEqual([...(await decodeImage(grey, size, "grey"))], [...values, ...values, ...values]);
      const pixels = [...values].flatMap((value) => [value, value, value]);
      const decoded = await decodeImage(pngOf({ height: size, width: size, pixels }, alpha), size, "transparent");
      // alpha · value / 255, rounded one way or the other
      decoded.forEach((value, i) => assert.ok(Math.abs(value - (alpha * values[i % values.length]) / 255) <= 1));
    },
    { runs: 60 },
  );

  property(
    "a note that a photograph lies on its side is heeded: it is turned upright before it is cut",
    [side, fc.nat({ max: 255 }), fc.nat({ max: 255 })],
    async (half, left, right) => {
      // two halves, side by side; note 6 says that the picture's top is at its right: turned clockwise, left comes on top
      const size = 2 * half;
      const values = Uint8Array.from({ length: size * size }, (_, i) => (i % size < half ? left : right));
      const noted = await sharp(values, { raw: { width: size, height: size, channels: 1 } })
        .withMetadata({ orientation: 6 })
        .png()
        .toBuffer();
      const decoded = await decodeImage(noted, size, "on its side");
      decoded.forEach((value, i) => assert.equal(value, i % (size * size) < half * size ? left : right));
    },
    { runs: 30 },
  );

  property(
    "damaged bytes are refused by the name of their place",
    [pictures(side, side), evenly(0, 0.9)],
    async (picture, share) => {
      const whole = pngOf(picture);
      const damaged = whole.subarray(0, Math.floor(share * (whole.length - 24))); // its last 12 bytes are an end without content
      await assert.rejects(
        decodeImage(damaged, 4, "train.rec: key 7"),
        /^Error: train\.rec: key 7: the image cannot be decoded/,
      );
    },
    { runs: 40 },
  );
});
