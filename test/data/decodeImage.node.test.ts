import assert from "node:assert/strict";
import { describe, it } from "node:test";
import sharp from "sharp";
import { decodeImage } from "../../src/data/decodeImage.node.js";

const source = sharp(Buffer.from([255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0]), {
  raw: { width: 2, height: 2, channels: 3 },
}).resize(32, 32);

describe("decoding", () => {
  for (const format of ["jpeg", "png", "webp"] as const) {
    it(`reads ${format}: red comes first`, async () => {
      const encoded = await source.clone().toFormat(format, { quality: 100 }).toBuffer();
      const decoded = await decodeImage(encoded, 16, "red");
      assert.equal(decoded.length, 3 * 256);
      const [red, green, blue] = [0, 1, 2].map((channel) => decoded.slice(256 * channel, 256 * channel + 256));
      assert.ok(red.every((value) => value > 250) && [...green, ...blue].every((value) => value < 6)); // lossy formats
    });
  }
  it("names the place of an image that is cut off, or none", async () => {
    const encoded = await source.clone().jpeg().toBuffer();
    await assert.rejects(
      decodeImage(encoded.subarray(0, encoded.length - 100), 16, "key 7"),
      /^Error: key 7: the image cannot be decoded: /,
    );
    await assert.rejects(
      decodeImage(Buffer.from("no image"), 16, "key 7"),
      /key 7: .* unsupported image format \(8 bytes\)/,
    );
    await assert.rejects(decodeImage(new Uint8Array(0), 16, "key 7"), /key 7: .*\(0 bytes\)/);
  });
  it("takes no memory for a picture that only claims to be huge", async () => {
    const header = await sharp({ create: { width: 9000, height: 9000, channels: 3, background: "black" } })
      .png()
      .toBuffer();
    await assert.rejects(decodeImage(header, 16, "huge.png"), /huge\.png: .*the limit of 67108864 pixels/);
  });
});
