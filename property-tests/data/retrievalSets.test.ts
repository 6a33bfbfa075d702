/** The published splits of retrieval sets, from folders written for them: each image in its part, under its class, in the order of its list. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "node:test";
import fc from "fast-check";
import type { ImageSet } from "../../src/data/ImageSet.js";
import type { FileSet } from "../../src/data/openFolders.node.js";
import { queryAndGallery } from "../../src/data/queryAndGallery.js";
import { openCars } from "../../src/data/retrieval/openCars.node.js";
import { openCub } from "../../src/data/retrieval/openCub.node.js";
import { openInShop } from "../../src/data/retrieval/openInShop.node.js";
import { openProducts } from "../../src/data/retrieval/openProducts.node.js";
import { matFile } from "../../test/data/mat/matFile.js";
import {
  cubFiles,
  numbered,
  numbersOf,
  productList,
  shopFiles,
  writeFiles,
  type Files,
} from "../../test/data/retrieval/miniatureFolders.js";
import { property } from "../property.js";

const OPTIONS = { side: 2, holdOut: false, testShare: 0.25 };
const RUNS = { runs: 8 };
/** Images of a class: three pairs each, so that two classes make a test. */
const EACH = 3;

async function opened(files: Files, open: (folder: string) => Promise<FileSet>): Promise<FileSet> {
  const folder = await mkdtemp(join(tmpdir(), "retrieval-property-"));
  try {
    const set = await open(await writeFiles(folder, files));
    numbers.set(set.train, await numbersOf(set.train));
    numbers.set(set.test, await numbersOf(set.test));
    return set;
  } finally {
    await rm(folder, { recursive: true });
  }
}
/** Read while the files are there. */
const numbers = new WeakMap<ImageSet, number[]>();

/** Numbers and classes of the images, in the order of their list; labels are the classes without gaps. */
function assertPart(part: ImageSet, expected: readonly (readonly [number: number, label: number])[]): void {
  assert.deepEqual(numbers.get(part), expected.map(([number]) => number)); // prettier-ignore
  assert.deepEqual([...part.columns.class], expected.map(([, label]) => label)); // prettier-ignore
  const classes = [...new Set(expected.map(([, label]) => label))].sort((a, b) => a - b);
  assert.deepEqual([...part.labels], expected.map(([, label]) => classes.indexOf(label))); // prettier-ignore
}

/** Numbers of classes on both sides of a border, the two beside it among them; in no order. */
const around = (last: number, most: number): fc.Arbitrary<number[]> =>
  fc
    .tuple(
      fc.uniqueArray(fc.integer({ min: 1, max: last - 1 }), { maxLength: 2 }),
      fc.uniqueArray(fc.integer({ min: last + 2, max: most }), { minLength: 1, maxLength: 2 }),
      fc.nat(),
    )
    .map(([before, behind, turn]) => {
      const all = [...before, last, last + 1, ...behind];
      return [...all.slice(turn % all.length), ...all.slice(0, turn % all.length)];
    });

describe("the split of", () => {
  property(
    "CUB-200-2011 has birds 1 to 100 for training, 101 to 200 for the test",
    [around(100, 200)],
    async (birds) => {
      const { train, test } = await opened(cubFiles(birds, EACH), (folder) => openCub(folder, OPTIONS));
      // folders are read in the order of their names, which is that of their numbers
      const images = birds.flatMap((bird, place) => [1, 2, 3].map((i) => [EACH * place + i, bird] as const));
      const sorted = images.toSorted(([a, first], [b, second]) => first - second || a - b);
      assertPart(train, sorted.filter(([, bird]) => bird <= 100)); // prettier-ignore
      assertPart(test, sorted.filter(([, bird]) => bird >= 101)); // prettier-ignore
    },
    RUNS,
  );

  property(
    "Cars196 has models 1 to 98 for training, 99 to 196 for the test, whatever its list says of a test",
    [around(98, 196), fc.boolean(), fc.nat()],
    async (cars, compressed, key) => {
      const records = Array.from({ length: EACH * cars.length }, (_, i) => ({
        relative_im_path: `car_ims/${1 + i}.png`,
        class: cars[(i + key) % cars.length],
        test: (i + key) % 2,
      }));
      const images = Object.fromEntries(records.map(({ relative_im_path }, i) => [relative_im_path, numbered(1 + i)]));
      const list = matFile([{ name: "annotations", value: records }], { compressed });
      const { train, test } = await opened({ ...images, "cars_annos.mat": list }, (folder) =>
        openCars(folder, OPTIONS),
      );
      const named = records.map((record, i) => [1 + i, record.class] as const);
      assertPart(train, named.filter(([, car]) => car <= 98)); // prettier-ignore
      assertPart(test, named.filter(([, car]) => car >= 99)); // prettier-ignore
      const ofTest = records.filter(({ class: car }) => car >= 99);
      assert.deepEqual([...test.columns.classificationTest], ofTest.map((record) => record.test)); // prettier-ignore
    },
    RUNS,
  );

  property(
    "Stanford Online Products is that of its two lists",
    [fc.uniqueArray(fc.integer({ min: 1, max: 9999 }), { minLength: 3, maxLength: 7 }), fc.nat()],
    async (things, key) => {
      const products = things.flatMap((thing) => [0, 1, 2].map(() => [thing, 1 + ((thing + key) % 12)] as const));
      const first = EACH * (1 + (key % (things.length - 2))); // two things at least for the test
      const [train, test] = [productList(products.slice(0, first), 1), productList(products.slice(first), 1 + first)];
      const files = { ...train.files, ...test.files, "Ebay_train.txt": train.list, "Ebay_test.txt": test.list };
      const parts = await opened(files, (folder) => openProducts(folder, OPTIONS));
      const named = products.map(([thing], i) => [1 + i, thing] as const);
      assertPart(parts.train, named.slice(0, first));
      assertPart(parts.test, named.slice(first));
      assert.deepEqual([...parts.test.columns.superClass], products.slice(first).map(([, kind]) => kind)); // prettier-ignore
    },
    RUNS,
  );

  property(
    "In-Shop has queries and gallery together in the test, told apart",
    [
      fc.uniqueArray(fc.integer({ min: 1, max: 9999 }), { minLength: 3, maxLength: 6 }),
      fc.array(fc.boolean(), { minLength: 18, maxLength: 18 }),
    ],
    async (items, isQuery) => {
      const pictures = items.flatMap((item, place) =>
        [0, 1, 2].map((i): [number, string] => {
          if (place === 0) return [item, "train"];
          return [item, i > 0 && isQuery[EACH * place + i] ? "query" : "gallery"]; // each item is in the gallery
        }),
      );
      pictures[EACH + 1][1] = "query"; // and one asks for it
      const { train, test } = await opened(shopFiles(pictures), (folder) => openInShop(folder, OPTIONS));
      const named = pictures.map(([item], i) => [1 + i, item] as const);
      assertPart(train, named.slice(0, EACH));
      assertPart(test, named.slice(EACH));
      const statuses = pictures.slice(EACH).map(([, status]) => status);
      const placesOf = (wanted: string): number[] => [...statuses.keys()].filter((i) => statuses[i] === wanted);
      const { query, gallery } = queryAndGallery(test)!;
      assert.deepEqual([[...query], [...gallery]], [placesOf("query"), placesOf("gallery")]);
    },
    RUNS,
  );
});
