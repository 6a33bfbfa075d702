import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readRecord, readRecords, writeRecords } from "../../../src/data/recordio/framing.js";
import { readImageRecord, writeImageRecord } from "../../../src/data/recordio/imageRecord.js";
import { RecordIndex } from "../../../src/data/recordio/recordIndex.js";
import { imageKeys } from "../../../src/data/recordio/recordLayout.js";
import { parseRecordProperty } from "../../../src/data/recordio/recordProperty.js";

/** Magic and a word of kind and length, little-endian. */
const header = (kind: number, length: number): number[] => [0x0a, 0x23, 0xd7, 0xce, length, 0, 0, kind << 5];
const readAll = (bytes: number[]): unknown => [...readRecords(Uint8Array.from(bytes), "x.rec")];

describe("errors of RecordIO", () => {
  it("name the byte where no record begins, or none of its parts", () => {
    assert.throws(
      () => readAll([...header(0, 0), 1, 2, 3, 4, 0, 0, 0, 0]),
      /x\.rec: .*0xCED7230A, found 0x04030201 \(byte 8\)/,
    );
    assert.throws(() => readAll(header(3, 0)), /a record begins with a part of kind 0 or 1, found kind 3 \(byte 4\)/);
    assert.throws(
      () => readAll([...header(1, 0), ...header(0, 0)]),
      /goes on with a part of kind 2 or 3, found kind 0 \(byte 12\)/,
    );
    assert.throws(
      () => readAll([...header(1, 2), 0, 0, 0, 0]),
      /split at multiples of 4 bytes, but this part has 2 \(byte 4\)/,
    );
  });
  it("name the byte where the file should not end, or where no record can lie", () => {
    assert.throws(
      () => readAll([...header(0, 5), 1, 2, 3]),
      /at byte 0 goes on to byte 16 at least, but the file ends at byte 11/,
    );
    for (const offset of [-4, 8, 0.5]) {
      assert.throws(
        () => readRecord(Uint8Array.from(header(0, 0)), offset, "x.rec"),
        /lies in bytes 0 \.\. 7, asked for/,
      );
    }
  });
  it("refuse a payload whose length does not fit 29 bits", () => {
    const tooLong = { length: 2 ** 29 } as Uint8Array; // nothing of it is looked at
    assert.throws(() => writeRecords([tooLong]), /fewer than 536870912 bytes/);
  });
});

describe("errors of image records", () => {
  it("say how many bytes the header needs", () => {
    assert.throws(() => readImageRecord(new Uint8Array(23), "key 3"), /key 3: .* 24 bytes \(flag 0\), this one has 23/);
    const labels = writeImageRecord({ label: Float32Array.of(1, 2), id: 0n, id2: 0n, image: new Uint8Array(0) });
    assert.throws(() => readImageRecord(labels.subarray(0, 26), "key 3"), /28 bytes \(flag 2\), this one has 26/);
    assert.throws(
      () => readImageRecord(labels.subarray(0, 30), "key 3"),
      /promises 2 labels, bytes 24 \.\. 31 of the record/,
    );
    assert.throws(
      () => writeImageRecord({ label: new Float32Array(0), id: 0n, id2: 0n, image: labels }),
      /a list of at least one, given an empty list/,
    );
  });
});

describe("which records are images", () => {
  const index = RecordIndex.of("x.idx", [0, 1, 2, 3], [30, 0, 10, 20]);
  const zero = (...labels: number[]) => ({
    label: Float32Array.from(labels),
    id: 0n,
    id2: 1n,
    image: new Uint8Array(0),
  });
  it("is told by record 0 if it has two labels, else all are", () => {
    assert.deepEqual([...imageKeys(index, zero(3, 4))], [1, 2]);
    assert.deepEqual([...imageKeys(index, { ...zero(), label: 5 })], [0, 1, 2, 3]);
    assert.deepEqual([...imageKeys(index, undefined)], [0, 1, 2, 3]);
    assert.throws(() => index.offsetOf(4), /x\.idx: there is no record with key 4/);
  });
  it("is refused where a float32 cannot tell, or tells more than there are", () => {
    for (const end of [0, 1.5, NaN, 2 ** 24 + 2]) {
      assert.throws(
        () => imageKeys(index, zero(end, end + 1)),
        /exactly in 1 \.\. 16777216 only\. Pack the images without/,
      );
    }
    assert.throws(() => imageKeys(index, zero(9, 10)), /there are 8 images, but the index has 4 lines/);
  });
});

describe("the property line", () => {
  it("is three whole numbers", () => {
    assert.deepEqual(parseRecordProperty("93431,112,112", "property"), { classes: 93431, height: 112, width: 112 });
    for (const text of ["", "1,2", "1,2,3,4", "0,112,112", "1e3,112,112", "99999999,1,1"]) {
      assert.throws(() => parseRecordProperty(text, "property"), /property: .*"classes,height,width"/);
    }
  });
});
