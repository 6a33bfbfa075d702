/** Damaged image containers (`.ipk.gz`): the content under its gzip layer, the gzip layer itself, bytes of no kind, files made to swell. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { readIpk, type IpkImages, IPK_MAXIMUM_LABEL } from "../../src/data/readIpk.js";
import { gunzipIpk } from "../../src/data/readIpkFile.node.js";
import { ipkBytes } from "../../test/data/miniatures.js";
import { mutant, mutants, randomBytes, withField, type Field, type SampleFile } from "../arbitraries/byteMutations.js";
import { property } from "../property.js";
import { underFire } from "./underFire.js";

const NAME = "faces.ipk.gz";
/** Four times what the first 4 KiB of gzip may swell to, which are unzipped before the header is known. */
const GZIP_BEGINNING = 4 * 1032 * 4096;
const HEADER: readonly Field[] = ["images", "height", "width", "channels", "bits", "label columns"].map((name, k) => ({
  name,
  offset: 4 + 4 * k,
  length: 4,
}));

/** Two images of 3×5 pixels with two labels each: rows are padded for 1 and 2 bits. */
function sampleOf(bits: number, channels: number): SampleFile {
  const bytes = ipkBytes({
    ...{ height: 3, width: 5, channels, bits },
    labels: [
      [7, 0],
      [1, 300],
    ],
    sample: (image, channel, row, column) => (image + channel + row * column) % 2 ** bits,
  });
  const labels = [0, 1, 2, 3].map((k): Field => ({ name: `label ${k}`, offset: 28 + 4 * k, length: 4 }));
  return { bytes, fields: [...HEADER, ...labels] };
}

const samples = [sampleOf(1, 1), sampleOf(2, 3), sampleOf(8, 1), sampleOf(8, 3)];
const damaged = fc.constantFrom(...samples).chain(mutants);

/** @param content bytes that the reader may unzip, beside those in proportion to the file */
async function fire(zipped: Uint8Array, content = 0): Promise<void> {
  await underFire(
    { name: NAME, size: zipped.length + content, saysByte: true, bytesAllowed: GZIP_BEGINNING },
    () => readIpk(gunzipIpk(zipped, NAME), NAME),
    checkImages,
  );
}

/** The length that a header announces, as the format defines it. */
function promised(header: Buffer): number {
  const [images, height, width, channels, bits, labels] = HEADER.map(({ offset }) => header.readUInt32LE(offset));
  return 28 + images * (4 * labels + height * Math.ceil((width * channels * bits) / 8));
}

/** What the header says is there: labels in range, every sample of every image between 0 and 1. */
function checkImages(file: IpkImages): void {
  const { count, height, width, channels, labelColumns } = file;
  assert.ok(count >= 1 && height >= 1 && width >= 1 && (channels === 1 || channels === 3));
  for (let k = 0; k < labelColumns; k++) {
    const labels = file.label(k);
    assert.equal(labels.length, count);
    assert.ok(labels.every((label) => label >= 0 && label <= IPK_MAXIMUM_LABEL));
  }
  const image = new Float32Array(height * width * channels);
  for (let index = 0; index < count; index++) {
    file.read(index, image.fill(NaN));
    assert.ok(image.every((value) => value >= 0 && value <= 1));
  }
}

describe(".ipk.gz under fire", () => {
  property(
    "damaged content is read in full or refused with the byte",
    [damaged],
    ({ bytes }) => fire(gzipSync(bytes)),
    {
      runs: 300,
    },
  );

  property(
    "a damaged gzip layer is seen through or refused with the byte",
    [fc.constantFrom(...samples).chain(({ bytes }) => mutants({ bytes: gzipSync(bytes), fields: GZIP }))],
    ({ bytes }) => fire(bytes),
    { runs: 200 },
  );

  property(
    "bytes of no kind are refused with the byte, zipped or not",
    [
      fc.oneof(randomBytes(samples[0].bytes.subarray(0, 20)), randomBytes(gzipSync("")).filter(isNotEmpty)),
      fc.boolean(),
    ],
    ({ bytes }, zipped) => fire(zipped ? gzipSync(bytes) : bytes),
    { runs: 100 },
  );

  property(
    "a file that swells beyond its header, or far enough for it, takes no memory",
    [fc.constantFrom(...HEADER), fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }), fc.nat({ max: 40_000_000 })],
    async (field, value, zeros) => {
      const content = Buffer.concat([withField(samples[0].bytes, field, value), Buffer.alloc(zeros)]);
      // zeros are zipped to a thousandth of their length; what the header asks for and the file has may be taken
      await fire(gzipSync(content, { level: 9 }), Math.min(promised(content), content.length));
    },
    { runs: 20, examples: [[HEADER[0], 2n, 40_000_000]] },
  );

  property(
    "every beginning of a file is refused with the byte",
    [fc.constantFrom(...samples).chain(beginnings)],
    ({ bytes }) => fire(bytes),
    { runs: 60 },
  );
});

/** At the end of a gzip file: check sum and length of what is in it; they are found from the end, so here by their place in a sample. */
const GZIP: readonly Field[] = [
  { name: "method", offset: 2, length: 1 },
  { name: "flags", offset: 3, length: 1 },
  { name: "first block", offset: 10, length: 4 },
];

function isNotEmpty({ bytes }: { bytes: Uint8Array }): boolean {
  return bytes.length > 0;
}

/** Of the content, zipped, and of the zipped file. */
function beginnings({ bytes }: SampleFile): fc.Arbitrary<{ bytes: Uint8Array }> {
  const zipped = gzipSync(bytes);
  return fc.oneof(
    fc
      .nat({ max: bytes.length - 1 })
      .map((length) => mutant(gzipSync(bytes.subarray(0, length)), `content of ${length}`)),
    fc.nat({ max: zipped.length - 1 }).map((length) => mutant(zipped.slice(0, length), `gzip of ${length}`)),
  );
}
