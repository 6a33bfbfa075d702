import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { ImageSet } from "../../src/data/ImageSet.js";
import { openPairs, openRecords, type RecordSet } from "../../src/data/openRecords.node.js";
import { writeRecords } from "../../src/data/recordio/framing.js";
import { writeImageRecord } from "../../src/data/recordio/imageRecord.js";
import { encodedImage, IDENTITIES, SAMPLES, SIDE, writeRecordSet } from "./facesOnDisk.js";
import { writePairs } from "./writePickle.js";

const OPTIONS = { side: SIDE, holdOut: false, testShare: 0.25 };

async function pixels(set: ImageSet, index: number): Promise<Float32Array> {
  const out = new Float32Array(set.channels * set.height * set.width);
  await set.read(index, out);
  return out;
}

describe("a set of records", () => {
  let root: string;
  /** As it was packed; each test damages a copy of its own. */
  let sound: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), "open-records-"));
    sound = join(root, "sound");
    await writeRecordSet(sound);
  });
  after(() => rm(root, { recursive: true }));

  async function opened(path: string, use: (set: RecordSet) => void | Promise<void>, options = {}): Promise<void> {
    const set = await openRecords(path, { ...OPTIONS, ...options });
    try {
      await use(set);
    } finally {
      await set.close();
    }
  }

  /** A copy with one file replaced, or left out. */
  async function damaged(file: string, content?: string | Uint8Array): Promise<string> {
    const path = await mkdtemp(join(root, "copy-"));
    await cp(sound, path, { recursive: true });
    if (content === undefined) await rm(join(path, file));
    else await writeFile(join(path, file), content);
    return path;
  }

  const refused = async (path: string, message: RegExp): Promise<void> =>
    assert.rejects(
      opened(path, () => {}),
      message,
    );

  it("has a training part and unseen classes, and the pairs beside it", async () => {
    await opened(sound, async ({ train, test, validation, pairs }) => {
      assert.deepEqual([train.classes, test.classes, validation], [IDENTITIES - 3, 3, undefined]);
      assert.equal(train.count + test.count, IDENTITIES * SAMPLES);
      assert.deepEqual([train.channels, train.height, train.width], [3, SIDE, SIDE]);
      const image = await pixels(train, 5);
      const [red, green, blue] = [0, 1, 2].map((c) => image.slice(c * SIDE * SIDE, (c + 1) * SIDE * SIDE));
      assert.ok(red.some((value) => value > 0.5) && green.every((value) => value === 0));
      blue.forEach((value, i) => assert.ok(Math.abs(value - (1 - red[i])) < 1e-6)); // red ink on blue
      assert.deepEqual(
        pairs.map(({ name, same }) => [name, same.length, same[0], same[1]]),
        [["eleven", 2 * (IDENTITIES - 1), 1, 0]],
      );
      assert.equal((await pixels(pairs[0].images, 0)).length, 3 * SIDE * SIDE);
    });
  });
  it("keeps further classes for validation when asked to, and the same ones for the test", async () => {
    await opened(sound, async (without) => {
      await opened(
        sound,
        ({ train, validation, test }) => {
          assert.deepEqual(test.columns.class, without.test.columns.class);
          const classes = [train, validation!, test].flatMap((part) => [...new Set(part.columns.class)]);
          assert.equal(new Set(classes).size, classes.length);
        },
        { holdOut: true },
      );
    });
  });
  it("says which file is missing, and does without an index and a property line", async () => {
    await refused(
      await damaged("train.rec"),
      /has a file train\.rec \(with train\.idx and property\), this folder has none/,
    );
    await refused(join(root, "nowhere"), /nowhere does not exist/);
    for (const file of ["train.idx", "property", "eleven.bin"]) {
      await opened(await damaged(file), ({ train, pairs }) => {
        assert.equal(train.classes, IDENTITIES - 3);
        assert.equal(pairs.length, file === "eleven.bin" ? 0 : 1);
      });
    }
  });
  it("names the record where an index points beside it, or names one that is not there", async () => {
    const index = await readFile(join(sound, "train.idx"), "utf8");
    await refused(
      await damaged("train.idx", index.replace("\n2\t", "\n2\t4")),
      /train\.rec: a record starts with 0xCED7230A.*byte/,
    );
    await refused(
      await damaged("train.idx", index.replace(/^2\t.*\n/m, "")),
      /train\.idx: .*keys 1 \.\. 48, but key 2 is missing/,
    );
    await refused(
      await damaged("train.idx", index.replace(/^2\t.*$/m, "2\t99999999")),
      /asked for one at byte 99999999/,
    );
    await refused(await damaged("train.idx", "1\t0\n1\t0\n"), /key 1 occurs twice/);
    await refused(await damaged("train.idx", "1 0\n"), /line 1 \(byte 0\) is "1 0"/);
  });
  it("refuses labels that are no classes, and names their record", async () => {
    await refused(await damaged("property", "5,16,16\n"), /key 21: a label is a whole number in 0 \.\. 4, found 5/);
    await refused(await damaged("property", "five"), /"classes,height,width".*"five"/);
    const record = (label: number): Uint8Array => writeImageRecord({ label, id: 0n, id2: 0n, image: encodedImage(0) });
    const path = await damaged("train.idx");
    await writeFile(join(path, "train.rec"), writeRecords([record(0), record(0.5)]).bytes);
    await refused(path, /the record at byte \d+: a label is a whole number in 0 \.\. 11, found 0\.5/);
  });
  it("finds a record that the end of the file cuts off", async () => {
    const bytes = await readFile(join(sound, "train.rec"));
    const path = await damaged("train.rec", bytes.subarray(0, bytes.length / 2));
    await refused(path, /asked for one at byte|goes on to byte \d+ at least, but the file ends at byte/);
    await rm(join(path, "train.idx"));
    await refused(path, /goes on to byte \d+ at least, but the file ends at byte/);
  });
  it("names the record of an image that cannot be decoded, when it is read", async () => {
    const path = await damaged("train.idx");
    const images = Array.from({ length: 20 }, (_, i) => (i === 0 ? Uint8Array.of(1, 2, 3) : encodedImage(i)));
    const records = images.map((image, i) => writeImageRecord({ label: i >> 2, id: 0n, id2: 0n, image }));
    await writeFile(join(path, "train.rec"), writeRecords(records).bytes);
    await opened(path, async ({ train, test }) => {
      const set = [train, test].find(({ columns }) => columns.class.includes(0))!;
      await assert.rejects(
        pixels(set, 0),
        /train\.rec: the record at byte 0: the image cannot be decoded: .*\(3 bytes\)/,
      );
    });
  });
  it("refuses pair files on which nothing can be measured", async () => {
    const style = { protocol: 4, dialect: "bytes", core: "numpy.core" } as const;
    const file = (same: boolean[]): Promise<string> => {
      const images = same.flatMap(() => [encodedImage(0), encodedImage(1)]);
      return damaged("eleven.bin", writePairs(images, same, style));
    };
    const alternating = (count: number): boolean[] => Array.from({ length: count }, (_, i) => i % 2 === 0);
    await refused(await file(alternating(9)), /eleven: verification needs 10 pairs, .* given 5 and 4/);
    await refused(await file(new Array<boolean>(12).fill(true)), /given 12 and 0/);
    const path = join(await file(alternating(10)), "eleven.bin");
    assert.equal((await openPairs(path, 4)).images.count, 20);
  });
});
