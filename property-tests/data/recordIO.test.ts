/** RecordIO: what is written is read, whatever the bytes; every record is found where the index says. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe } from "node:test";
import fc from "fast-check";
import { readRecord, readRecords, writeRecords } from "../../src/data/recordio/framing.js";
import { readImageHeader, readImageRecord, writeImageRecord } from "../../src/data/recordio/imageRecord.js";
import { RecordFile } from "../../src/data/recordio/recordFile.node.js";
import { formatRecordIndex, parseRecordIndex } from "../../src/data/recordio/recordIndex.js";
import { formatRecordProperty, parseRecordProperty } from "../../src/data/recordio/recordProperty.js";
import { MAGIC, recordPayloads } from "../arbitraries/recordPayloads.js";
import { property } from "../property.js";

const folder = mkdtempSync(join(tmpdir(), "records-"));
after(() => rmSync(folder, { recursive: true }));

/** Places, multiples of four, at which bytes have the magic. */
function alignedMagics(bytes: Uint8Array): number[] {
  const words = Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => 4 * i);
  return words.filter((at) => MAGIC.every((byte, i) => bytes[at + i] === byte));
}

/** Where the parts of a file begin, by their lengths alone. */
function partStarts(bytes: Uint8Array): number[] {
  const starts: number[] = [];
  for (let at = 0; at < bytes.length;) {
    starts.push(at);
    const length = bytes[at + 4] + 2 ** 8 * bytes[at + 5]; // the payloads here have fewer than 2^16 bytes
    at += 8 + length + ((4 - (length % 4)) % 4);
  }
  return starts;
}

const payloadLists = fc.array(recordPayloads(), { maxLength: 6 });
const float32 = fc.float({ noNaN: true });
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

describe("RecordIO framing", () => {
  property(
    "what is written is read: any number of payloads, magics in them at any place",
    [payloadLists],
    (payloads) => {
      const { bytes, offsets } = writeRecords(payloads);
      const read = [...readRecords(bytes, "written")];
      assert.deepEqual(
        read.map(({ payload }) => [...payload]),
        payloads.map((payload) => [...payload]),
      );
      assert.deepEqual(
        read.map(({ offset }) => offset),
        offsets,
      );
    },
  );

  property(
    "a magic at a multiple of four begins a part and is nothing else, so a reader may start anywhere",
    [payloadLists],
    (payloads) => {
      const { bytes, offsets } = writeRecords(payloads);
      const parts = partStarts(bytes);
      assert.deepEqual(alignedMagics(bytes), parts);
      // one part for each record, and one more for each magic that its payload has at a multiple of four
      assert.equal(
        parts.length,
        payloads.reduce((sum, payload) => sum + 1 + alignedMagics(payload).length, 0),
      );
      assert.ok(offsets.every((offset) => parts.includes(offset)));
    },
  );

  property(
    "records read one by one, in any order and from the disk, are those read in one go",
    [fc.array(recordPayloads(), { minLength: 1, maxLength: 6 }), fc.array(fc.nat(), { maxLength: 10 }), fc.boolean()],
    async (payloads, draws, long) => {
      // a payload beyond the reader's first 64 KiB, so that it has to ask again
      const all = long ? [...payloads, new Uint8Array(70_000).map((_, i) => MAGIC[i % 7] ?? 0)] : payloads;
      const { bytes, offsets } = writeRecords(all);
      const path = join(folder, "any.rec");
      writeFileSync(path, bytes);
      const file = await RecordFile.open(path);
      try {
        for (const draw of [...draws, all.length - 1]) {
          const which = draw % all.length;
          assert.deepEqual([...(await file.read(offsets[which])).payload], [...all[which]]);
          assert.deepEqual([...readRecord(bytes, offsets[which], "written").payload], [...all[which]]);
        }
      } finally {
        await file.close();
      }
    },
    { runs: 50 },
  );
});

describe("image records", () => {
  property(
    "header, labels and image are read as they were written",
    [fc.oneof(float32, fc.array(float32, { minLength: 1, maxLength: 5 })), u64, u64, recordPayloads()],
    (given, id, id2, image) => {
      const label = typeof given === "number" ? given : Float32Array.from(given);
      const payload = writeImageRecord({ label, id, id2, image });
      const read = readImageRecord(payload, "written");
      assert.deepEqual(read.label, label);
      assert.deepEqual([read.id, read.id2], [id, id2]);
      assert.deepEqual([...read.image], [...image]);
      const { flag, first } = readImageHeader(payload, "written");
      assert.deepEqual(
        flag === 0 ? [first] : [first, flag],
        typeof given === "number" ? [given] : [given[0], given.length],
      );
    },
  );

  property(
    "the head of a record says of it what the whole record says, split or not",
    [fc.oneof(fc.constantFrom(-1.8048451e9, 0, 7), float32), u64, recordPayloads()],
    async (label, id, image) => {
      // as float32, the first of these labels has the four bytes of the magic or nearly so
      const { bytes } = writeRecords([writeImageRecord({ label, id, id2: 0xced7230an, image })]);
      const path = join(folder, "head.rec");
      writeFileSync(path, bytes);
      const file = await RecordFile.open(path);
      try {
        const head = await file.head(0, "the record");
        assert.deepEqual(head, { label: Math.fround(label), imageBytes: image.length, bytes: bytes.length });
      } finally {
        await file.close();
      }
    },
    { runs: 50 },
  );
});

describe("the files beside the records", () => {
  const key = fc.oneof(fc.nat({ max: 40 }), fc.maxSafeNat());

  property(
    "an index gives each key its byte, whatever the order of its lines, with or without an end of the last one",
    [
      fc.uniqueArray(fc.tuple(key, fc.maxSafeNat()), { selector: ([k]) => k, maxLength: 20 }),
      fc.constantFrom("\n", "\r\n"),
      fc.boolean(),
    ],
    (lines, end, cut) => {
      const written = formatRecordIndex(
        lines.map(([k]) => k),
        lines.map(([, offset]) => offset),
      ).replaceAll("\n", end);
      const text = cut ? written.slice(0, written.length - end.length) : written;
      const index = parseRecordIndex(Buffer.from(text), "written");
      assert.deepEqual(
        [...index.keys],
        lines.map(([k]) => k).sort((a, b) => a - b),
      );
      for (const [k, offset] of lines) {
        assert.ok(index.has(k));
        assert.equal(index.offsetOf(k), offset);
        if (!lines.some(([other]) => other === k + 1)) assert.ok(!index.has(k + 1));
      }
    },
  );

  property(
    "the property line is read as it was written",
    [fc.integer({ min: 1, max: 2 ** 24 }), fc.integer({ min: 1, max: 4096 }), fc.integer({ min: 1, max: 4096 })],
    (classes, height, width) => {
      const given = { classes, height, width };
      assert.deepEqual(parseRecordProperty(formatRecordProperty(given), "written"), given);
    },
  );
});
