import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { readIpkFile } from "../../src/data/readIpkFile.node.js";
import { ipkBytes } from "./miniatures.js";

const noise = (image: number, row: number, column: number): number =>
  (Math.imul(image * 4096 + row * 64 + column + 1, 0x9e3779b1) >>> 24) & 255;
const bytes = ipkBytes({
  height: 16,
  width: 16,
  channels: 1,
  bits: 8,
  labels: Array.from({ length: 40 }, (_, image) => [image]),
  sample: (image, _channel, row, column) => noise(image, row, column),
});
const zipped = gzipSync(bytes);

describe("a container on the disk", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "ipk-"));
  });
  after(() => rmSync(folder, { recursive: true }));
  const read = (content: Uint8Array) => {
    writeFileSync(join(folder, "a.ipk.gz"), content);
    return readIpkFile(join(folder, "a.ipk.gz"));
  };

  it("is unzipped and read", async () => {
    const file = await read(zipped);
    assert.equal(file.count, 40);
    const out = new Float32Array(256);
    file.read(39, out);
    assert.equal(out[255], Math.fround(noise(39, 15, 15) / 255));
  });
  it("that is cut off anywhere is refused with its length", async () => {
    for (const length of [0, 1, 9, 12, 100, Math.floor(zipped.length / 2), zipped.length - 1]) {
      await assert.rejects(
        read(zipped.subarray(0, length)),
        new RegExp(`a\\.ipk\\.gz: .*cut off: it ends at byte ${length},`),
      );
    }
  });
  it("whose zipped bytes changed is refused with a byte at or after the change", async () => {
    for (const at of [0, 1, 50, 2000, zipped.length - 6]) {
      const damaged = Uint8Array.from(zipped);
      damaged[at] ^= 0xff;
      // Where the layers above gzip notice first (a header byte), that is the byte they name.
      await assert.rejects(read(damaged), (error: Error) => {
        assert.match(error.message, /a\.ipk\.gz: .*byte \d+/);
        const gzip = /damaged gzip data at byte (\d+)/.exec(error.message);
        if (gzip) assert.ok(Number(gzip[1]) >= at && Number(gzip[1]) < zipped.length, error.message);
        return true;
      });
    }
  });
  it("with something after the gzip data is refused", async () => {
    // A gzip header is judged when its first two bytes are there: the second one is named.
    await assert.rejects(
      read(Buffer.concat([zipped, Buffer.from("more")])),
      new RegExp(`damaged gzip data at byte ${zipped.length + 1}:`),
    );
    await assert.rejects(
      read(Buffer.concat([zipped, zipped])),
      new RegExp(`ends at byte ${bytes.length} .*goes on after`),
    );
  });
  it("that swells beyond what its header says is stopped there", async () => {
    const bomb = gzipSync(Buffer.concat([bytes, Buffer.alloc(200_000_000)]));
    const before = process.memoryUsage().arrayBuffers;
    await assert.rejects(read(bomb), new RegExp(`ends at byte ${bytes.length} .*goes on after`));
    assert.ok(process.memoryUsage().arrayBuffers - before < 150_000_000);
  });
  it("that is gzip of something else, or no gzip, or not there, is refused by name", async () => {
    await assert.rejects(read(gzipSync("hello")), /a\.ipk\.gz: the header is 28 bytes, but the file ends at byte 5/);
    await assert.rejects(read(gzipSync("x".repeat(100))), /starts with "IPK1".*byte 0/);
    await assert.rejects(
      read(Buffer.from("plain text, not zipped")),
      /a\.ipk\.gz: damaged gzip data at byte 1: incorrect header/,
    );
    await assert.rejects(readIpkFile(join(folder, "none.ipk.gz")), /none\.ipk\.gz: cannot be read: ENOENT/);
    await assert.rejects(readIpkFile(folder), /cannot be read: EISDIR/);
  });
});

/** File, N, HxWxC, bits, sum of raw samples of all, first and last image, first and last labels: published beside the files. */
const CHECK_VALUES = `
omniglot-background | 19280 | 105x105x1 | 1 | 16567007 | 905 | 509 | 0,1,0,709 | 963,20,29,964
omniglot-evaluation | 13180 | 105x105x1 | 1 | 12247261 | 1731 | 455 | 0,1,0,965 | 658,20,19,1623
omniglot-oneshot20 | 800 | 105x105x1 | 1 | 714994 | 1147 | 1399 | 1,0,1 | 20,1,20
glyphs-han | 88924 | 24x24x1 | 2 | 54182815 | 84 | 672 | 0,0 | 6351,14
glyphs-hangul | 125560 | 24x24x1 | 2 | 63501441 | 656 | 195 | 6356,15 | 17527,25
emoji-noto | 1637 | 32x32x3 | 8 | 997938658 | 572257 | 474630 | 0,0 | 1636,0
cmu-faces-64x60 | 624 | 60x64x1 | 8 | 168185990 | 244738 | 285607 | 0,0,0,0 | 19,3,3,1`;

describe("the published files", { skip: process.env.PFC_DATA ? false : "PFC_DATA names no folder" }, () => {
  for (const line of CHECK_VALUES.trim().split("\n")) {
    const [name, count, size, bits, all, first, last, firstLabels, lastLabels] = line.split(" | ");
    it(`${name} has the sums and labels that are published`, async () => {
      const file = await readIpkFile(join(process.env.PFC_DATA!, `${name}.ipk.gz`));
      assert.equal(
        `${file.count} ${file.height}x${file.width}x${file.channels} ${file.bits}`,
        `${count} ${size} ${bits}`,
      );
      const out = new Float32Array(file.height * file.width * file.channels);
      const largest = 2 ** file.bits - 1;
      const sum = (image: number): number => {
        file.read(image, out);
        return out.reduce((total, value) => total + Math.round(value * largest), 0);
      };
      let total = 0;
      for (let image = 0; image < file.count; image++) total += sum(image);
      assert.deepEqual([total, sum(0), sum(file.count - 1)], [all, first, last].map(Number));
      const labels = (image: number): string =>
        Array.from({ length: file.labelColumns }, (_, k) => file.label(k)[image]).join(",");
      assert.deepEqual([labels(0), labels(file.count - 1)], [firstLabels, lastLabels]);
    });
  }
});
