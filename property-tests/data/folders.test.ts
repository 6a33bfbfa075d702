/** A folder with one sub-folder a class: classes in the order of their names, every image in one part, no class in two. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe } from "node:test";
import fc from "fast-check";
import type { ImageSet } from "../../src/data/ImageSet.js";
import { imageFolder, openFolders } from "../../src/data/openFolders.node.js";
import { splitClasses } from "../../src/data/splitClasses.js";
import { numberedSet } from "../../test/data/miniatures.js";
import { pngOf } from "../../test/data/picture.js";
import { property } from "../property.js";
import { evenly } from "../arbitraries/numbers.js";

const root = mkdtempSync(join(tmpdir(), "folders-"));
after(() => rmSync(root, { recursive: true }));

/** Names that no file system takes for one another, digits, capitals and letters beyond ASCII among them. */
const name = fc.stringMatching(/^[a-f0-9_é]{1,3}$/);
const classNames = fc.uniqueArray(name, { minLength: 4, maxLength: 7 });
const extension = fc.constantFrom(".png", ".PNG");

interface Class {
  readonly folder: string;
  /** Names of its images. */
  readonly images: readonly string[];
}

const classes: fc.Arbitrary<Class[]> = classNames.chain((folders) => {
  const images = fc.uniqueArray(
    fc.tuple(name, extension).map((parts) => parts.join("")),
    { selector: (file) => file.toLowerCase(), minLength: 3, maxLength: 5 },
  );
  return fc.tuple(...folders.map((folder) => images.map((files) => ({ folder, images: files }))));
});

/** A grey for each image, so that it is recognised after reading. */
function write(path: string, given: readonly Class[], first = 0): Map<string, number> {
  rmSync(path, { recursive: true, force: true });
  const greys = new Map<string, number>();
  for (const { folder, images } of given) {
    mkdirSync(join(path, folder), { recursive: true });
    writeFileSync(join(path, folder, "notes.txt"), "no image");
    writeFileSync(join(path, folder, ".hidden.png"), "no image either");
    for (const image of images) {
      const grey = first + greys.size;
      greys.set(`${folder}/${image}`, grey);
      writeFileSync(join(path, folder, image), pngOf({ height: 1, width: 1, pixels: [grey, grey, grey] }));
    }
  }
  return greys;
}

async function greyOf({ read }: ImageSet, index: number): Promise<number> {
  const out = new Float32Array(3);
  await read(index, out);
  return Math.round(255 * out[0]);
}

/** Order of the characters' codes, character by character. */
function before(a: string, b: string): boolean {
  const place = [...a].findIndex((character, i) => character !== b[i]);
  return place < 0 ? true : place < b.length && a.charCodeAt(place) < b.charCodeAt(place);
}

describe("folders of images", () => {
  property(
    "labels follow the sorted names of the folders, images those of the files, whatever was written first",
    [classes],
    async (given) => {
      const path = join(root, "sorted");
      const greys = write(path, given);
      const set = await imageFolder(path, 1);
      assert.deepEqual([set.classes, set.count], [given.length, greys.size]);
      const read: { folder: string; file: string; label: number }[] = [];
      for (let index = 0; index < set.count; index++) {
        const grey = await greyOf(set, index);
        const [file] = [...greys].find(([, value]) => value === grey)!;
        const [folder, image] = file.split("/");
        read.push({ folder, file: image, label: set.labels[index] });
      }
      assert.equal(new Set(read.map(({ folder, file }) => `${folder}/${file}`)).size, greys.size);
      for (let i = 1; i < read.length; i++) {
        const [a, b] = [read[i - 1], read[i]];
        assert.equal(b.label, a.label + (a.folder === b.folder ? 0 : 1));
        assert.ok(a.folder === b.folder ? before(a.file, b.file) : before(a.folder, b.folder));
      }
    },
    { runs: 25 },
  );

  property(
    "folders train and test are the parts; without them the parts are the whole set",
    [classes, fc.boolean()],
    async (given, holdOut) => {
      const path = join(root, "parts");
      const options = { side: 1, holdOut: false, testShare: 0.25 };
      const greys = write(path, given);
      const all = await openFolders(path, options);
      const contents = async (set: ImageSet): Promise<number[]> =>
        Promise.all(Array.from({ length: set.count }, async (_, index) => greyOf(set, index)));
      const both = [...(await contents(all.train)), ...(await contents(all.test))];
      assert.deepEqual(
        both.sort((a, b) => a - b),
        [...greys.values()],
      );

      // six classes more to train on, so that some can be held out
      const more = Array.from({ length: 6 }, (_, i) => ({ folder: `more ${i}`, images: ["a.png", "b.png", "c.png"] }));
      rmSync(path, { recursive: true, force: true });
      const testing = write(join(path, "test"), given);
      const training = write(join(path, "train"), more, testing.size);
      const split = await openFolders(path, { ...options, holdOut });
      assert.equal(split.validation !== undefined, holdOut);
      const trained = [...(await contents(split.train)), ...(split.validation ? await contents(split.validation) : [])];
      assert.deepEqual(
        trained.sort((a, b) => a - b),
        [...training.values()],
      );
      assert.deepEqual(
        (await contents(split.test)).sort((a, b) => a - b),
        [...testing.values()],
      );
    },
    { runs: 20 },
  );
});

describe("splitting off classes", () => {
  property(
    "puts every image on one side and every class on one side, about the share asked for, always the same",
    [fc.integer({ min: 6, max: 60 }), fc.integer({ min: 3, max: 5 }), evenly(0.01, 0.6)],
    (count, perClass, share) => {
      const set = numberedSet(count * perClass, 1, 1, perClass);
      const { train, test } = splitClasses(set, { share, part: "test" });
      const numbers = [...train.columns.number, ...test.columns.number].sort((a, b) => a - b);
      assert.deepEqual(numbers, [...set.columns.number]);
      assert.ok(!train.columns.class.some((label) => test.columns.class.includes(label)));
      assert.equal(train.classes + test.classes, count);
      assert.equal(test.classes, Math.max(2, Math.round(share * count)));
      assert.deepEqual(splitClasses(set, { share, part: "test" }).test.columns.class, test.columns.class);
    },
  );
});
