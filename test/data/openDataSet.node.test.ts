import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import type { DataSet, DataSetName } from "../../src/data/DataSet.js";
import type { ImageSet } from "../../src/data/ImageSet.js";
import { openDataSet } from "../../src/data/openDataSet.node.js";
import { ipkBytes } from "./miniatures.js";

/** A miniature of a data set's file: pixels are a function of the image's number. */
function fileOf(labels: number[][], side: number, bits: number): Uint8Array {
  const sample = (image: number, _channel: number, row: number, column: number): number =>
    (image * 7 + row * 3 + column) % 2 ** bits;
  return gzipSync(ipkBytes({ height: side, width: side, channels: 1, bits, labels, sample }));
}

/** Seven alphabets of two characters, three drawers; all numbers shifted by `characters`. */
const omniglotLabels = (characters: number): number[][] =>
  Array.from({ length: 42 }, (_, i) => [
    Math.floor(i / 3),
    (i % 3) + 1,
    Math.floor(i / 6),
    characters + Math.floor(i / 3),
  ]);
const oneShotLabels = [1, 2].flatMap((run) => [0, 1].flatMap((test) => [1, 2, 3].map((cls) => [run, test, cls])));
/** Two faces, all classes from `first` on. */
const glyphLabels = (first: number, count: number): number[][] =>
  [0, 1].flatMap((face) => Array.from({ length: count }, (_, i) => [first + i, face]));

/** Image `index` of any set. */
async function pixels(set: ImageSet, index: number): Promise<Float32Array> {
  const values = new Float32Array(set.channels * set.height * set.width).fill(NaN);
  await set.read(index, values);
  return values;
}

/** The checks that hold for every part of every data set. */
async function checkPart(part: ImageSet, side: number): Promise<void> {
  assert.deepEqual([part.height, part.width, part.channels], [side, side, 1]);
  assert.equal(part.labels.length, part.count);
  assert.deepEqual(
    [...new Set(part.labels)].sort((a, b) => a - b),
    Array.from({ length: part.classes }, (_, i) => i),
  );
  const values = await pixels(part, part.count - 1);
  assert.ok(values.every((value) => value >= 0 && value <= 1));
}

describe("a data set by name", () => {
  let folder = "";
  const open = (name: DataSetName, options: object = {}): Promise<DataSet> =>
    openDataSet({ name, data: folder, ...options });
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "data-"));
    writeFileSync(join(folder, "omniglot-background.ipk.gz"), fileOf(omniglotLabels(1), 15, 1));
    writeFileSync(join(folder, "omniglot-evaluation.ipk.gz"), fileOf(omniglotLabels(100), 15, 1));
    writeFileSync(join(folder, "omniglot-oneshot20.ipk.gz"), fileOf(oneShotLabels, 15, 1));
    writeFileSync(join(folder, "glyphs-han.ipk.gz"), fileOf(glyphLabels(0, 23), 6, 2));
    writeFileSync(join(folder, "glyphs-hangul.ipk.gz"), fileOf(glyphLabels(23, 17), 6, 2));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("omniglot: trains on all background alphabets, tests on the evaluation ones", async () => {
    const set = await open("omniglot", { side: 5 });
    assert.equal(set.validation, undefined);
    assert.deepEqual([set.train.count, set.train.classes, set.test.count, set.test.classes], [42, 14, 42, 14]);
    assert.equal(set.test.columns.character[0], 100);
    for (const part of [set.train, set.test, set.oneShot!]) await checkPart(part, 5);
  });
  it("omniglot: holds out the last five background alphabets when asked to, and no others", async () => {
    const set = await open("omniglot", { side: 5, holdOut: true });
    assert.deepEqual([...new Set(set.train.columns.alphabet)], [0, 1]);
    assert.deepEqual([...new Set(set.validation!.columns.alphabet)], [2, 3, 4, 5, 6]);
    assert.deepEqual([set.train.classes, set.validation!.classes], [4, 10]);
    for (const part of [set.train, set.validation!]) await checkPart(part, 5);
  });
  it("omniglot: turns training classes only", async () => {
    const set = await open("omniglot", { side: 5, holdOut: true, rotations: true });
    assert.deepEqual([set.train.classes, set.validation!.classes, set.test.classes], [16, 10, 14]);
    await checkPart(set.train, 5);
  });
  it("omniglot: numbers one-shot runs and classes from 0, a class of another run being another class", async () => {
    const { oneShot } = await open("omniglot", { side: 5 });
    assert.deepEqual([...oneShot!.labels], [0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5]);
    assert.deepEqual([...oneShot!.columns.run], [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
    assert.deepEqual([...oneShot!.columns.test], [0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1]);
    assert.equal(oneShot!.classes, 6);
  });
  it("glyphs: splits by the last digit of the class, over both files", async () => {
    for (const holdOut of [false, true]) {
      const set = await open("glyphs", { side: 6, holdOut });
      const digits = (part: ImageSet): number[] => [...new Set(part.columns.class.map((value) => value % 10))].sort();
      assert.deepEqual(digits(set.train), holdOut ? [0, 1, 2, 3, 4, 5, 6, 7] : [0, 1, 2, 3, 4, 5, 6, 7, 8]);
      assert.deepEqual(digits(set.test), [9]);
      assert.deepEqual(set.validation ? digits(set.validation) : "none", holdOut ? [8] : "none");
      assert.equal(set.train.classes + set.test.classes + (set.validation?.classes ?? 0), 40);
      for (const part of [set.train, set.test]) await checkPart(part, 6);
    }
  });
  it("builtin: has other identities in every part, and the same test part however many are trained on", async () => {
    const few = await open("builtin", { identities: 5, testIdentities: 4, samples: 3, holdOut: true, side: 20 });
    const more = await open("builtin", { identities: 9, testIdentities: 4, samples: 3, side: 20, rotations: true });
    const ids = [few.train, few.validation!, few.test].flatMap((part) => [...new Set(part.columns.identity)]);
    assert.equal(new Set(ids).size, 5 + 4 + 4);
    assert.deepEqual(await pixels(few.test, 11), await pixels(more.test, 11));
    assert.deepEqual(await pixels(few.train, 14), await pixels(more.train, 14));
    assert.deepEqual([more.train.classes, more.test.classes], [36, 4]);
    for (const part of [few.train, few.validation!, few.test, more.train]) await checkPart(part, 20);
  });
  it("says how to name a folder that is not named, not there, not a folder, or lacks a file", async () => {
    const saved = process.env.PFC_DATA;
    delete process.env.PFC_DATA;
    await assert.rejects(
      open("omniglot", { data: undefined }),
      /"omniglot" is read from files.*--data <folder>.*PFC_DATA.*"builtin"/,
    );
    if (saved !== undefined) process.env.PFC_DATA = saved;
    await assert.rejects(open("glyphs", { data: join(folder, "none") }), /none does not exist\. .*--data/);
    await assert.rejects(open("glyphs", { data: join(folder, "glyphs-han.ipk.gz") }), /is not a folder\. .*--data/);
    const empty = mkdtempSync(join(folder, "empty-"));
    await assert.rejects(open("omniglot", { data: empty }), /has no file omniglot-background\.ipk\.gz.*--data/);
  });
  it("refuses an unknown name and a file that is another set's", async () => {
    await assert.rejects(open("mnist" as DataSetName), /Unknown data set "mnist".*omniglot, glyphs, builtin/);
    const mixed = mkdtempSync(join(folder, "mixed-"));
    writeFileSync(join(mixed, "glyphs-han.ipk.gz"), fileOf(omniglotLabels(0), 6, 1));
    writeFileSync(join(mixed, "glyphs-hangul.ipk.gz"), fileOf(glyphLabels(23, 17), 6, 2));
    await assert.rejects(open("glyphs", { data: mixed }), /glyphs-han\.ipk\.gz: .*2 label columns.*says 4 \(byte 24\)/);
  });
});

describe("the published data sets", { skip: process.env.PFC_DATA ? false : "PFC_DATA names no folder" }, () => {
  const numbers = (part?: ImageSet): number[] | undefined => part && [part.count, part.classes];
  it("omniglot has 964 training and 659 test characters, 151 of the former held out on request", async () => {
    const set = await openDataSet({ name: "omniglot", side: 28, holdOut: true });
    assert.deepEqual(numbers(set.train), [(964 - 151) * 20, 964 - 151]);
    assert.deepEqual(numbers(set.validation), [151 * 20, 151]);
    assert.deepEqual(numbers(set.test), [13180, 659]);
    assert.deepEqual(numbers(set.oneShot), [800, 400]);
  });
  it("glyphs has 1,752 test classes with 21,395 images", async () => {
    const set = await openDataSet({ name: "glyphs" });
    assert.deepEqual(numbers(set.train), [214484 - 21395, 17528 - 1752]);
    assert.deepEqual(numbers(set.test), [21395, 1752]);
  });
});
