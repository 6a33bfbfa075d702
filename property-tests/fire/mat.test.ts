/** Damaged MATLAB 5 lists: the elements, plain and under their zlib layer, the layer itself, bytes of no kind, streams made to swell. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { inflate } from "../../src/data/mat/inflate.node.js";
import { readMatRecords } from "../../src/data/mat/readMat.js";
import { matFile } from "../../test/data/mat/matFile.js";
import { mutants, randomBytes, withField, type Field, type SampleFile } from "../arbitraries/byteMutations.js";
import { property } from "../property.js";
import { underFire } from "./underFire.js";

const NAME = "cars_annos.mat";
const WANTED = { variable: "annotations", fields: { path: "text", class: "number" }, inflate } as const;
/** Twice what the first 512 bytes of a stream may swell to, which are unzipped before their tag is known, and zlib's buffers. */
const STREAM_BEGINNING = 2 * 1032 * 512 + 1_000_000;

const list = {
  name: "annotations",
  value: [
    { path: "car_ims/000001.jpg", box: [3, 400], class: 1 },
    { path: "car_ims/000002.jpg", box: [5, 600], class: 1000 },
  ],
};
const variables = [{ name: "version", value: [3] }, list];
/** Tags of the first variable, the second, its flags, dimensions and name. */
const PLACES = [128, 132, 192, 196, 200, 204, 208, 216, 220, 224, 228, 232, 236];
const fields = PLACES.map((offset): Field => ({ name: `word at ${offset}`, offset, length: 4 }));
const plain: SampleFile = { bytes: matFile(variables), fields };
const big: SampleFile = { bytes: matFile(variables, { order: "big" }), fields: [] };
const zipped: SampleFile = {
  bytes: matFile(variables, { compressed: true }),
  fields: [{ name: "compressed length", offset: 132, length: 4 }],
};

/** @param content bytes that may be unzipped, beside those in proportion to the file */
async function fire(bytes: Uint8Array, content = 0): Promise<void> {
  await underFire(
    { name: NAME, size: bytes.length + content, saysByte: true, bytesAllowed: STREAM_BEGINNING },
    () => readMatRecords(bytes, NAME, WANTED),
    (records) => {
      assert.ok(records.length <= bytes.length + content);
      for (const record of records) {
        assert.equal(typeof record.path, "string");
        assert.equal(typeof record.class, "number");
      }
    },
  );
}

/** The same header, and all that follows as one compressed element. */
function compressed(bytes: Uint8Array): Uint8Array {
  const stream = deflateSync(bytes.subarray(128), { level: 9 });
  const tag = Buffer.alloc(8);
  tag.writeUInt32LE(15, 0);
  tag.writeUInt32LE(stream.length, 4);
  return Uint8Array.from(Buffer.concat([bytes.subarray(0, 128), tag, stream]));
}

describe("MATLAB lists under fire", () => {
  property(
    "damaged bytes are read in full or refused with the byte",
    [fc.constantFrom(plain, big, zipped).chain(mutants)],
    ({ bytes }) => fire(bytes),
    { runs: 400 },
  );

  property(
    "damage under the zlib layer is read in full or refused with the byte",
    [mutants({ bytes: matFile([list]), fields: fields.slice(0, 2) })],
    ({ bytes }) => fire(compressed(bytes)),
    { runs: 300 },
  );

  property(
    "a stream that swells takes no more memory than its tag announces and its bytes can hold",
    [fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }), fc.nat({ max: 20_000_000 })],
    async (announced, zeros) => {
      const content = withField(matFile([list]), fields[1], announced);
      const bytes = compressed(Buffer.concat([content, Buffer.alloc(zeros)]));
      await fire(bytes, Math.min(Number(announced), content.length + zeros));
    },
    { runs: 20, examples: [[200n, 20_000_000]] },
  );

  property(
    "bytes of no kind are refused with the byte",
    [randomBytes(plain.bytes.subarray(0, 140))],
    ({ bytes }) => fire(bytes),
    {
      runs: 100,
    },
  );
});
