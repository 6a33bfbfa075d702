/** Damaged RecordIO sets: the records (read in one go, by the index, by their first bytes alone), the index, the property line. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe } from "node:test";
import fc from "fast-check";
import { readRecords } from "../../src/data/recordio/framing.js";
import { readImageRecord } from "../../src/data/recordio/imageRecord.js";
import { RecordFile } from "../../src/data/recordio/recordFile.node.js";
import { parseRecordIndex } from "../../src/data/recordio/recordIndex.js";
import { parseRecordProperty } from "../../src/data/recordio/recordProperty.js";
import { mutants, randomBytes, type Field, type Mutant, type SampleFile } from "../arbitraries/byteMutations.js";
import { property } from "../property.js";
import { underFire } from "./underFire.js";

const MAGIC = [0x0a, 0x23, 0xd7, 0xce];
const WHOLE = 0;
const FIRST = 1;
const LAST = 3;

const word = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);
const part = (kind: number, payload: readonly number[]): number[] => [
  ...MAGIC,
  ...word(kind * 2 ** 29 + payload.length),
  ...payload,
  ...Array.from({ length: (4 - (payload.length % 4)) % 4 }, () => 0),
];
/** Flag, label 3 or a list of labels, two ids, an "image". */
const imageOf = (labels: number, bytes: readonly number[]): number[] => [
  ...word(labels),
  ...[0, 0, 0x40, 0x40],
  ...Array.from({ length: 16 + 4 * labels }, (_, i) => i % 2),
  ...bytes,
];

const first = part(WHOLE, imageOf(0, [1, 2, 3]));
const second = part(WHOLE, imageOf(2, [4, 5, 6, 7, 8]));
/** A magic inside of the image: the record has two parts. */
const third = [...part(FIRST, imageOf(0, [9, 9, 9, 9])), ...part(LAST, [8])];
const offsets = [0, first.length, first.length + second.length];

const fields = offsets.flatMap((offset, i): Field[] => [
  { name: `length of record ${i}`, offset: offset + 4, length: 4 },
  { name: `kind of record ${i}`, offset: offset + 7, length: 1 },
  { name: `labels of record ${i}`, offset: offset + 8, length: 4 },
]);
const records: SampleFile = {
  bytes: Uint8Array.from([...first, ...second, ...third]),
  fields: [...fields, { name: "length of the last part", offset: offsets[2] + 40, length: 4 }],
};
const index: SampleFile = { bytes: Buffer.from(offsets.map((at, key) => `${key}\t${at}\n`).join("")), fields: [] };

const NAME = "train.rec";
const folder = mkdtempSync(join(tmpdir(), "records-fire-"));
after(() => rmSync(folder, { recursive: true }));

/** All records in the order of the file, each with its labels; they fill it from the first byte to the last. */
async function readInOneGo({ bytes }: Mutant): Promise<void> {
  const read = () =>
    [...readRecords(bytes, NAME)].map((record) => ({
      ...record,
      ...readImageRecord(record.payload, `${NAME}: record at byte ${record.offset}`),
    }));
  await underFire({ name: NAME, size: bytes.length, saysByte: true }, read, (stored) => {
    let end = 0;
    for (const { offset, bytes: length, payload, image } of stored) {
      assert.equal(offset, end);
      assert.ok(payload.length <= length && image.length <= payload.length);
      end += length;
    }
    assert.equal(end, bytes.length);
  });
}

/** The record at each place of the sound file, through the file reader: its head, and the whole of it. */
async function readThroughIndex({ bytes }: Mutant, at: number): Promise<void> {
  const path = join(folder, NAME);
  writeFileSync(path, bytes);
  const read = async () => {
    const file = await RecordFile.open(path);
    try {
      const head = await file.head(at, `${path}: key 1 (byte ${at})`);
      const { payload } = await file.read(at);
      return { head, record: readImageRecord(payload, `${path}: key 1 (byte ${at})`), payload };
    } finally {
      await file.close();
    }
  };
  await underFire({ name: path, size: bytes.length, saysByte: true }, read, ({ head, record, payload }) => {
    // both readers say the same of one record
    assert.equal(head.imageBytes, record.image.length);
    assert.deepEqual(head.label, typeof record.label === "number" ? record.label : record.label[0]);
    assert.ok(payload.length <= head.bytes && head.bytes <= bytes.length);
  });
}

describe("RecordIO under fire", () => {
  property("damaged records are read in full or refused with the byte", [mutants(records)], readInOneGo, { runs: 300 });

  property(
    "a record of a damaged file is read alone or refused with the byte",
    [mutants(records), fc.oneof(fc.constantFrom(...offsets), fc.nat({ max: 200 }), fc.constantFrom(-4, 1e15, 0.5))],
    readThroughIndex,
    { runs: 300 },
  );

  property("bytes of no kind are refused with the byte", [randomBytes(records.bytes.subarray(0, 12))], readInOneGo, {
    runs: 100,
  });

  property(
    "a damaged index gives ascending keys, or is refused with the byte",
    [fc.oneof(mutants(index), randomBytes(index.bytes))],
    ({ bytes }) =>
      underFire(
        { name: "train.idx", size: bytes.length },
        () => parseRecordIndex(bytes, "train.idx"),
        ({ keys, offsets: places }) => {
          assert.ok(keys.every((key, i) => Number.isSafeInteger(key) && (i === 0 || key > keys[i - 1])));
          assert.ok(
            places.length === keys.length && places.every((place) => Number.isSafeInteger(place) && place >= 0),
          );
        },
      ),
    { runs: 200 },
  );

  property(
    "a damaged property line is three sizes, or refused by name",
    [fc.oneof(mutants({ bytes: Buffer.from("93431,112,112\n"), fields: [] }), randomBytes())],
    ({ bytes }) =>
      underFire(
        { name: "property", size: bytes.length },
        () => parseRecordProperty(Buffer.from(bytes).toString("utf8"), "property"),
        (sizes) => assert.ok(Object.values(sizes).every((size) => Number.isSafeInteger(size) && Number(size) > 0)),
      ),
    { runs: 100 },
  );
});
