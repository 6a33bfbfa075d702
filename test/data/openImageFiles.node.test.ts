import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { PNG } from "pngjs";
import sharp from "sharp";
import { openImageFiles, type ImageFilesOptions } from "../../src/data/openImageFiles.node.js";
import { pixelOf, pngOf } from "./picture.js";

const RED = [255, 0, 0];
const GREEN = [0, 255, 0];
const BLUE = [0, 0, 255];
const OPTIONS: ImageFilesOptions = { side: 2, channels: 3 };
/** Red, green above blue, white. */
const CORNERS = { height: 2, width: 2, pixels: [...RED, ...GREEN, ...BLUE, 255, 255, 255] };

let root: string;
before(async () => {
  root = await mkdtemp(join(tmpdir(), "image-files-"));
});
after(() => rm(root, { recursive: true }));

/** A new folder with these files. */
async function folderOf(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const folder = await mkdtemp(join(root, "folder-"));
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(join(folder, name, ".."), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
  return folder;
}

/** One image's bytes, read from a file, as numbers from 0 to 255. */
async function readBack(name: string, bytes: Uint8Array, options: ImageFilesOptions = OPTIONS): Promise<number[]> {
  const files = await openImageFiles(await folderOf({ [name]: bytes }), options);
  return Array.from(await files.read(0), (value) => value * 255);
}

/** Each value is that many levels from the expected one at most. */
function assertNear(values: readonly number[], expected: readonly number[], levels: number): void {
  assert.equal(values.length, expected.length);
  values.forEach((value, i) =>
    assert.ok(Math.abs(value - expected[i]) <= levels, `${i}: ${value}, not ${expected[i]}`),
  );
}

const ROUNDING = 2 ** -16; // v / 255 in float32, times 255

describe("the images of a folder", () => {
  const image = pngOf(CORNERS);
  it("are those of all its sub-folders, in the order of their paths' codes, without hidden ones and other files", async () => {
    const names = ["b.png", "B.JPG", "a/z.webp", "a/b/c.jpeg", "a-b/1.png", "é.png"];
    const others = [".hidden.png", ".cache/1.png", "a/notes.txt", "png"];
    const folder = await folderOf(Object.fromEntries([...names, ...others].map((name) => [name, image])));
    const files = await openImageFiles(folder, OPTIONS);
    // "B" < "a" < "b" < "é", and "-" < "/"
    assert.deepEqual(files.names, ["B.JPG", "a-b/1.png", "a/b/c.jpeg", "a/z.webp", "b.png", "é.png"]);
    assertNear(
      Array.from(await files.read(2), (value) => value * 255),
      [255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255],
      ROUNDING,
    );
  });
  it("may be a single file", async () => {
    const folder = await folderOf({ "one.png": image, "notes.txt": "" });
    const files = await openImageFiles(join(folder, "one.png"), OPTIONS);
    assert.deepEqual(files.names, ["one.png"]);
    assert.equal((await files.read(0)).length, 12);
    await assert.rejects(
      openImageFiles(join(folder, "notes.txt"), OPTIONS),
      /notes\.txt: .* ends in \.jpg, .*does not/,
    );
  });
  it("are listed once where links lead in a circle", async () => {
    const folder = await folderOf({ "a/1.png": image, "b/2.png": image });
    await symlink(folder, join(folder, "a", "up"));
    await symlink(join(folder, "a"), join(folder, "b", "across"));
    await symlink(join(folder, "b"), join(folder, "a", "across"));
    const { names } = await openImageFiles(folder, OPTIONS);
    assert.deepEqual(names, ["a/1.png", "a/across/2.png"]);
  });
  it("are missing in a sentence", async () => {
    const refused = async (path: string, message: RegExp): Promise<void> =>
      assert.rejects(openImageFiles(path, OPTIONS), message);
    await refused(join(root, "none"), /none does not exist\.$/);
    await refused(
      await folderOf({}),
      /no image \(\.jpg, .*\) lies in this folder or below it; it holds no file at all\.$/,
    );
    await refused(await folderOf({ "a/notes.txt": "", b: "" }), /it holds 2 of other kinds \(b, …\)\.$/);
    await refused(await folderOf({ "a/.hidden.png": image }), /it holds no file at all\.$/);
  });
  it("that cannot be read are named when they are, and no others suffer", async () => {
    const folder = await folderOf({ "broken.png": "no image", "cut.png": image.subarray(0, 40), "sound.png": image });
    await symlink(join(folder, "nowhere"), join(folder, "linked.png"));
    const { names, read } = await openImageFiles(folder, OPTIONS);
    assert.deepEqual(names, ["broken.png", "cut.png", "linked.png", "sound.png"]);
    await assert.rejects(read(0), /broken\.png: the image cannot be decoded/);
    await assert.rejects(read(1), /cut\.png: the image cannot be decoded/);
    await assert.rejects(read(2), /linked\.png does not exist/);
    assert.equal((await read(3)).length, 12);
    await assert.rejects(read(4), /an image index lies in 0 \.\. 3, given 4/);
  });
  it("have a side and channels that make sense", async () => {
    for (const side of [0, 1.5, 2000]) {
      await assert.rejects(openImageFiles(root, { side, channels: 3 }), /the side .* 1 \.\. 1024, given/);
    }
    await assert.rejects(openImageFiles(root, { side: 2, channels: 2 as 3 }), /1 channel .* or 3 .*, given 2/);
  });
});

describe("an image of a folder", () => {
  const planes = [255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255];
  it("is red first, then green, then blue: PNG bit by bit, JPEG to a few levels", async () => {
    assertNear(await readBack("x.png", pngOf(CORNERS)), planes, ROUNDING);
    for (const [channel, colour] of [RED, GREEN, BLUE].entries()) {
      const pixels = Array.from({ length: 256 }, () => colour).flat();
      const raw = { width: 16, height: 16, channels: 3 } as const;
      const jpeg = await sharp(Buffer.from(pixels), { raw }).jpeg({ quality: 100 }).toBuffer();
      const read = await readBack("x.jpg", jpeg, { side: 1, channels: 3 });
      // BT.601 colours rounded to whole levels and back: red's blue-difference is off by half a level, times 1.772
      assertNear(
        read,
        [0, 1, 2].map((k) => (k === channel ? 255 : 0)),
        2,
      );
    }
  });
  it("has the luminance 0.299 R + 0.587 G + 0.114 B in one channel; grey stays as it is", async () => {
    const grey = { side: 2, channels: 1 } as const;
    const expected = [0.299, 0.587, 0.114, 1].map((value) => 255 * value);
    assertNear(await readBack("x.png", pngOf(CORNERS), grey), expected, ROUNDING);
    const levels = Array.from({ length: 256 }, (_, v) => v);
    const picture = { height: 16, width: 16, pixels: levels.flatMap((v) => [v, v, v]) };
    assertNear(await readBack("x.png", pngOf(picture), { side: 16, channels: 1 }), levels, ROUNDING);
  });
  it("of grey pixels has three equal channels, of 8 bits and of 16", async () => {
    const levels = [0, 7, 130, 255];
    const eight = new PNG({ width: 2, height: 2, colorType: 0, inputColorType: 0 });
    eight.data = Buffer.from(levels);
    const written = PNG.sync.write(eight, { colorType: 0, inputColorType: 0 });
    assertNear(await readBack("x.png", written), [...levels, ...levels, ...levels], ROUNDING);
    assertNear(await readBack("x.png", png16(0, levels)), [...levels, ...levels, ...levels], ROUNDING);
  });
  it("of 16 bits has its values scaled, not cut off", async () => {
    assertNear(
      await readBack(
        "x.png",
        png16(
          2,
          CORNERS.pixels.map((v) => v / 2),
        ),
      ),
      half(planes),
      1,
    );
  });
  it("lies on black where it is transparent", async () => {
    assertNear(await readBack("x.png", pngOf(CORNERS, 0)), Array<number>(12).fill(0), ROUNDING);
    assertNear(
      await readBack("x.png", pngOf(CORNERS, 51)),
      planes.map((v) => v / 5),
      1,
    );
  });
  it("of a palette or of four inks is red, green, blue too", async () => {
    const raw = { width: 2, height: 2, channels: 3 } as const;
    const source = sharp(Buffer.from(CORNERS.pixels), { raw });
    const indexed = await source.clone().png({ palette: true, colours: 4 }).toBuffer();
    assert.equal((await sharp(indexed).metadata()).isPalette, true);
    assertNear(await readBack("x.png", indexed), planes, ROUNDING);
    // a red that inks can print; with its profile it comes back to a few levels
    const red = { create: { width: 16, height: 16, channels: 3, background: { r: 200, g: 30, b: 30 } } } as const;
    const inks = await sharp(red).withIccProfile("cmyk").toColourspace("cmyk").jpeg({ quality: 100 }).toBuffer();
    assert.equal((await sharp(inks).metadata()).space, "cmyk");
    assertNear(await readBack("x.jpg", inks, { side: 1, channels: 3 }), [200, 30, 30], 8);
  });
  it("is turned upright as its note says", async () => {
    const raw = { width: 2, height: 2, channels: 3 } as const;
    // 6: the camera was turned, so that the left edge is the top one
    const turned = await sharp(Buffer.from(CORNERS.pixels), { raw }).withMetadata({ orientation: 6 }).png().toBuffer();
    // blue red above white green
    assertNear(await readBack("x.png", turned), [0, 255, 255, 0, 0, 0, 255, 255, 255, 0, 255, 0], ROUNDING);
    // a box is of the upright picture: its lower left pixel
    assertNear(
      await readBack("x.png", turned, { side: 1, channels: 3, box: [0, 1, 1.9, 2] }),
      [255, 255, 255],
      ROUNDING,
    );
  });
  it("may be a part of the file, read as if it were the whole", async () => {
    const pixels = Array.from({ length: 4 * 6 }, (_, i) => [i, 100 + i, 200 + i]).flat();
    const picture = { height: 4, width: 6, pixels };
    const found = await readBack("x.png", pngOf(picture), { side: 2, channels: 3, box: [3, 1, 5, 3] });
    const expected = [0, 1, 2].flatMap((channel) =>
      [1, 2].flatMap((row) => [3, 4].map((column) => pixelOf(picture, channel, row, column))),
    );
    assertNear(found, expected, ROUNDING);
    const beyond = readBack("x.png", pngOf(picture), { side: 2, channels: 3, box: [3, 1, 7, 3] });
    await assert.rejects(
      beyond,
      /x\.png: crop: a box lies inside its image of 6 columns and 4 rows, given \(3, 1, 7, 3\)\.$/,
    );
  });
});

const half = (values: readonly number[]): number[] => values.map((value) => value / 2);

/** A PNG of 2x2 with 16 bits a sample, of levels 0 .. 255. */
function png16(colorType: 0 | 2, levels: readonly number[]): Uint8Array {
  const options = { colorType, inputColorType: colorType, bitDepth: 16, inputHasAlpha: false } as const;
  const png = new PNG({ width: 2, height: 2, ...options });
  png.data = Buffer.from(Uint16Array.from(levels, (level) => Math.round(level * 257)).buffer);
  return PNG.sync.write(png, options);
}

describe(
  "what is neither a file nor a folder",
  { skip: process.platform === "win32" && "named pipes are made by mkfifo" },
  () => {
    it("is passed over, though it has the name of an image: a pipe would be waited for", async () => {
      const folder = await folderOf({ "a.png": pngOf(CORNERS) });
      assert.equal(spawnSync("mkfifo", [join(folder, "pipe.png")]).status, 0);
      assert.deepEqual((await openImageFiles(folder, OPTIONS)).names, ["a.png"]);
    });
  },
);
