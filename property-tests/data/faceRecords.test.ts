/** Sets of packed faces: the layout with identities, the plain one, and a file without index hold the same images. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe } from "node:test";
import fc from "fast-check";
import type { ImageSet } from "../../src/data/ImageSet.js";
import { openRecords } from "../../src/data/openRecords.node.js";
import { readRecord, writeRecords } from "../../src/data/recordio/framing.js";
import { readImageRecord, writeImageRecord } from "../../src/data/recordio/imageRecord.js";
import { formatRecordIndex, parseRecordIndex } from "../../src/data/recordio/recordIndex.js";
import { imageKeys, packIdentities } from "../../src/data/recordio/recordLayout.js";
import { pngOf } from "../../test/data/picture.js";
import { recordPayloads } from "../arbitraries/recordPayloads.js";
import { property } from "../property.js";

const folder = mkdtempSync(join(tmpdir(), "faces-"));
after(() => rmSync(folder, { recursive: true }));

const SIDE = 2;
const SIZE = { height: SIDE, width: SIDE };
/** Images of each class; three classes at least, so that two can be kept for a test and two are left. */
const classSizes = fc.array(fc.integer({ min: 3, max: 5 }), { minLength: 4, maxLength: 7 });

/** A grey that no other image has. */
const grey = (image: number): number => 5 * image + 3;
const coded = (image: number): Uint8Array => pngOf({ ...SIZE, pixels: new Array<number>(12).fill(grey(image)) });

/** `[label in the file, grey]` of every image, training and test part together, in ascending order of the grey. */
async function contentOf(path: string): Promise<number[][]> {
  const set = await openRecords(path, { side: SIDE, holdOut: false, testShare: 0.1 });
  const content: number[][] = [];
  const collect = async ({ count, columns, read }: ImageSet): Promise<void> => {
    for (let index = 0; index < count; index++) {
      const out = new Float32Array(12);
      await read(index, out);
      content.push([columns.class[index], Math.round(255 * out[0])]);
    }
  };
  await collect(set.train);
  await collect(set.test);
  await set.close();
  return content.sort(([, a], [, b]) => a - b);
}

function write(name: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  const path = join(folder, name);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  for (const [file, content] of Object.entries(files)) writeFileSync(join(path, file), content);
  return path;
}

describe("sets of packed faces", () => {
  property(
    "keys 1 to n are the images, each with its class and its bytes; identity records name their ranges",
    [fc.array(fc.array(recordPayloads(3), { maxLength: 4 }), { maxLength: 5 })],
    (identities) => {
      const { rec, idx } = packIdentities(identities, SIZE);
      const index = parseRecordIndex(Buffer.from(idx), "train.idx");
      const at = (key: number) =>
        readImageRecord(readRecord(rec, index.offsetOf(key), "train.rec").payload, `key ${key}`);
      const keys = imageKeys(index, at(0));
      const expected = identities.flatMap((images, label) => images.map((image) => ({ label, image: [...image] })));
      assert.deepEqual(
        [...keys].map((key) => ({ label: at(key).label, image: [...at(key).image] })),
        expected,
      );
      assert.equal(index.keys.length, expected.length + identities.length + 1);
      identities.forEach((images, label) => {
        const [first, end] = at(expected.length + 1 + label).label as Float32Array;
        assert.deepEqual(
          expected.slice(first - 1, end - 1).map((entry) => entry.image),
          images.map((image) => [...image]),
        );
      });
    },
  );

  property(
    "opened through its index, without one, and packed plainly in any order, a set has the same images with the same labels",
    [classSizes, fc.integer()],
    async (sizes, salt) => {
      const labels = sizes.flatMap((size, label) => new Array<number>(size).fill(label));
      const images = labels.map((_, image) => coded(image));
      const identities = sizes.map((_, label) => images.filter((_image, i) => labels[i] === label));
      const { rec, idx, property: line } = packIdentities(identities, SIZE);
      const expected = labels.map((label, image) => [label, grey(image)]);

      assert.deepEqual(
        await contentOf(write("index", { "train.rec": rec, "train.idx": idx, property: line })),
        expected,
      );
      assert.deepEqual(await contentOf(write("none", { "train.rec": rec })), expected);

      // plain: keys from 0 in another order than the records, all of them images
      const shift = Math.abs(salt) % labels.length;
      const order = labels.map((_, i) => (i + shift) % labels.length);
      const records = order.map((i) =>
        writeImageRecord({ label: labels[i], id: BigInt(i), id2: 0n, image: images[i] }),
      );
      const { bytes, offsets } = writeRecords(records);
      const plain = { "train.rec": bytes, "train.idx": formatRecordIndex(order, offsets) };
      assert.deepEqual(await contentOf(write("plain", plain)), expected);
    },
    { runs: 25 },
  );

  property(
    "labels with gaps are renumbered in their order, and stay readable",
    [classSizes, fc.integer({ min: 2, max: 1000 })],
    async (sizes, step) => {
      const labels = sizes.flatMap((size, label) => new Array<number>(size).fill(label * step));
      const { bytes } = writeRecords(
        labels.map((label, i) => writeImageRecord({ label, id: BigInt(i), id2: 0n, image: coded(i) })),
      );
      const set = await openRecords(write("gaps", { "train.rec": bytes }), {
        side: SIDE,
        holdOut: false,
        testShare: 0.1,
      });
      await set.close();
      for (const part of [set.train, set.test]) {
        const present = [...new Set(part.columns.class)].sort((a, b) => a - b);
        assert.equal(part.classes, present.length);
        part.labels.forEach((label, image) => assert.equal(present[label], part.columns.class[image]));
      }
      assert.equal(set.train.count + set.test.count, labels.length);
    },
    { runs: 25 },
  );
});
