import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import sharp from "sharp";
import type { DataSetName } from "../../../src/data/DataSet.js";
import { openDataSet } from "../../../src/data/openDataSet.node.js";
import { queryAndGallery } from "../../../src/data/queryAndGallery.js";
import { openCars } from "../../../src/data/retrieval/openCars.node.js";
import { openCub } from "../../../src/data/retrieval/openCub.node.js";
import { openInShop } from "../../../src/data/retrieval/openInShop.node.js";
import { openProducts } from "../../../src/data/retrieval/openProducts.node.js";
import { matFile } from "../mat/matFile.js";
import { cubFiles, numbered, numbersOf, productList, shopFiles, writeFiles, type Files } from "./miniatureFolders.js";

const OPTIONS = { side: 2, holdOut: false, testShare: 0.25 };

let root: string;
before(async () => {
  root = await mkdtemp(join(tmpdir(), "retrieval-"));
});
after(() => rm(root, { recursive: true }));

async function folderOf(files: Files): Promise<string> {
  return writeFiles(await mkdtemp(join(root, "set-")), files);
}
const below = (folder: string, files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([path, content]) => [`${folder}/${path}`, content]));
const without = (files: Files, path: string): Files =>
  Object.fromEntries(Object.entries(files).filter(([other]) => other !== path));

describe("CUB-200-2011", () => {
  const files = cubFiles([1, 100, 101, 200]);
  it("trains on birds 1 to 100 and tests on the others, in the order of the folders", async () => {
    for (const folder of [await folderOf(files), await folderOf(below("CUB_200_2011", files))]) {
      const { train, test, validation } = await openCub(folder, OPTIONS);
      assert.equal(validation, undefined);
      assert.deepEqual([...train.labels], [0, 0, 0, 0, 1, 1, 1, 1]);
      assert.deepEqual([...train.columns.class], [1, 1, 1, 1, 100, 100, 100, 100]);
      assert.deepEqual([...test.labels], [0, 0, 0, 0, 1, 1, 1, 1]);
      assert.deepEqual([...test.columns.class], [101, 101, 101, 101, 200, 200, 200, 200]);
      assert.deepEqual(await numbersOf(train), [1, 2, 3, 4, 5, 6, 7, 8]);
      assert.deepEqual(await numbersOf(test), [9, 10, 11, 12, 13, 14, 15, 16]);
    }
  });
  it("holds out training classes when asked to", async () => {
    const folder = await folderOf(cubFiles([1, 2, 3, 4, 5, 6, 7, 8, 150, 151]));
    const { train, validation, test } = await openCub(folder, { ...OPTIONS, holdOut: true });
    assert.deepEqual([train.classes, validation!.classes, test.classes], [6, 2, 2]);
    const birds = [...train.columns.class, ...validation!.columns.class];
    assert.deepEqual(
      [...new Set(birds)].sort((a, b) => a - b),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
  });
  it("says what is wrong with a folder", async () => {
    const refused = async (given: Files, message: RegExp): Promise<void> =>
      assert.rejects(openCub(await folderOf(given), OPTIONS), message);
    await refused({ "a.txt": "" }, /has images in its folder, or in CUB_200_2011 in it; neither is there/);
    await refused(
      { ...files, "images/Crow/1.jpg": "" },
      /Crow: a class's folder begins with its number, 001\. to 200\./,
    );
    await refused({ ...files, "images/201.Crow/1.jpg": "" }, /201\.Crow: a class's folder begins/);
    await refused({ ...files, "images/003.Crow/1.txt": "" }, /003\.Crow: a class has images/);
    await refused(cubFiles([1, 2]), /none of the 2 folders is of the test part/);
    await refused(cubFiles([1, 101]), /a test needs two classes/);
    await assert.rejects(openCub(join(root, "none"), OPTIONS), /none does not exist/);
  });
});

describe("Cars196", () => {
  const cars = [1, 98, 99, 99, 99, 196, 196, 196].map((label, i) => ({
    relative_im_path: `car_ims/${String(i + 1).padStart(6, "0")}.jpg`,
    bbox_x1: 300,
    class: label,
    test: i % 2,
  }));
  const images = Object.fromEntries(cars.map(({ relative_im_path }, i) => [relative_im_path, numbered(i + 1)]));
  const listed = (records: typeof cars, compressed = false): Files => ({
    ...images,
    "cars_annos.mat": matFile(
      [
        { name: "class_names", value: [1, 2] },
        { name: "annotations", value: records },
      ],
      { compressed },
    ),
  });
  for (const compressed of [false, true]) {
    it(`trains on models 1 to 98 and tests on the others, from a list ${compressed ? "compressed" : "plain"}`, async () => {
      const files = listed(cars, compressed);
      for (const folder of [await folderOf(files), await folderOf(below("cars196", files))]) {
        const { train, test } = await openCars(folder, OPTIONS);
        assert.deepEqual(
          [[...train.labels], [...test.labels]],
          [
            [0, 1],
            [0, 0, 0, 1, 1, 1],
          ],
        );
        assert.deepEqual([...test.columns.class], [99, 99, 99, 196, 196, 196]);
        assert.deepEqual([...test.columns.classificationTest], [0, 1, 0, 1, 0, 1]);
        assert.deepEqual(
          [await numbersOf(train), await numbersOf(test)],
          [
            [1, 2],
            [3, 4, 5, 6, 7, 8],
          ],
        );
      }
    });
  }
  it("says what is wrong with list and images", async () => {
    const refused = async (given: Files, message: RegExp): Promise<void> =>
      assert.rejects(openCars(await folderOf(given), OPTIONS), message);
    const changed = (changes: Partial<(typeof cars)[0]>): Files =>
      listed([cars[0], { ...cars[1], ...changes }, ...cars.slice(2)]);
    await refused(images, /has cars_annos\.mat in its folder, or in cars196 in it/);
    await refused({ ...images, "cars_annos.mat": "MATLAB" }, /cars_annos\.mat: .* ends at byte 6/);
    await refused(
      changed({ class: 197 }),
      /cars_annos\.mat, record 2: class is a whole number in 1 \.\. 196, found 197/,
    );
    await refused(changed({ class: 1.5 }), /record 2: class .* found 1\.5/);
    await refused(
      changed({ relative_im_path: "car_ims/9.jpg" }),
      /record 2: the image car_ims\/9\.jpg is missing: .*car_ims has no such file/,
    );
    await refused(
      changed({ relative_im_path: "other/9.jpg" }),
      /record 2: the image other\/9\.jpg is missing: .*other does not exist/,
    );
    for (const path of ["../9.jpg", "/etc/9.jpg", "car_ims/../../9.jpg", "car_ims\\9.jpg"]) {
      await refused(changed({ relative_im_path: path }), /record 2: an image lies below the folder of the set, not at/);
    }
    await refused(listed(cars.slice(0, 2)), /record 1 and those after it: the list has no image of the test part/);
    await refused(
      { ...images, "cars_annos.mat": matFile([{ name: "annotations", value: [] }]) },
      /"annotations" has no field "relative_im_path"/,
    );
  });
});

describe("Stanford Online Products", () => {
  const train = productList(
    [
      [1, 1],
      [1, 1],
      [4, 2],
    ],
    1,
  );
  const test = productList(
    [
      [9, 1],
      [9, 1],
      [9, 1],
      [7, 2],
      [7, 2],
      [7, 2],
    ],
    4,
  );
  const files: Files = { ...train.files, ...test.files, "Ebay_train.txt": train.list, "Ebay_test.txt": test.list };
  it("takes the two lists for the parts; classes are numbered in the order of class_id", async () => {
    const windows = { ...files, "Ebay_test.txt": `${test.list.replaceAll("\n", "\r\n")}\r\n` };
    for (const folder of [await folderOf(files), await folderOf(below("Stanford_Online_Products", windows))]) {
      const parts = await openProducts(folder, OPTIONS);
      assert.deepEqual(
        [[...parts.train.labels], [...parts.test.labels]],
        [
          [0, 0, 1],
          [1, 1, 1, 0, 0, 0],
        ],
      );
      assert.deepEqual([...parts.test.columns.class], [9, 9, 9, 7, 7, 7]);
      assert.deepEqual([...parts.train.columns.superClass], [1, 1, 2]);
      assert.deepEqual(
        [await numbersOf(parts.train), await numbersOf(parts.test)],
        [
          [1, 2, 3],
          [4, 5, 6, 7, 8, 9],
        ],
      );
    }
  });
  it("says which list and line is at fault", async () => {
    const refused = async (given: Files, message: RegExp): Promise<void> =>
      assert.rejects(openProducts(await folderOf(given), OPTIONS), message);
    const withLine = (line: string): Files => ({ ...files, "Ebay_test.txt": test.list + line });
    await refused(
      without(files, "Ebay_train.txt"),
      /has Ebay_train\.txt in its folder, or in Stanford_Online_Products/,
    );
    await refused(without(files, "Ebay_test.txt"), /Ebay_test\.txt does not exist/);
    await refused(
      withLine("10 8 1"),
      /Ebay_test\.txt, line 8: a line has 4 columns \(image_id, .*\), this one has 3: "10 8 1"/,
    );
    await refused(withLine("10 x 1 a.JPG"), /line 8: class_id is a whole number below 16777216, found "x"/);
    await refused(withLine("10 16777216 1 a.JPG"), /line 8: class_id .* found "16777216"/);
    await refused(withLine("10 8 -1 a.JPG"), /line 8: super_class_id is a whole number .* found "-1"/);
    await refused(withLine("10 8 1 kind_1_final/a.JPG"), /line 8: the image kind_1_final\/a\.JPG is missing/);
    await refused(
      withLine("10 4 2 kind_2_final/4_2.JPG"),
      /line 8: class 4 is in the test part, but a line before has it in the training part/,
    );
    await refused(
      { ...files, "Ebay_train.txt": "1 1 1 a.JPG\n" },
      /Ebay_train\.txt, line 1: the first line names the columns/,
    );
    await refused(
      { ...files, "Ebay_train.txt": "image_id class_id super_class_id path\n" },
      /Ebay_train\.txt: the list names no image/,
    );
  });
});

describe("In-Shop", () => {
  const pictures: [number, string][] = [
    [2, "train"],
    [2, "train"],
    [5, "train"],
    [7, "query"],
    [7, "gallery"],
    [7, "gallery"],
    [3, "query"],
    [3, "query"],
    [3, "gallery"],
  ];
  const files = shopFiles(pictures);
  const LIST = "Eval/list_eval_partition.txt";
  it("joins queries and gallery, which a column tells apart", async () => {
    for (const folder of [
      await folderOf(files),
      await folderOf(shopFiles(pictures, "")),
      await folderOf(below("Inshop_Clothes", files)),
    ]) {
      const { train, test } = await openInShop(folder, OPTIONS);
      assert.deepEqual(
        [[...train.labels], [...test.labels]],
        [
          [0, 0, 1],
          [1, 1, 1, 0, 0, 0],
        ],
      );
      assert.deepEqual([...test.columns.class], [7, 7, 7, 3, 3, 3]);
      assert.deepEqual([...test.columns.gallery], [0, 1, 1, 0, 0, 1]);
      assert.deepEqual(
        [await numbersOf(train), await numbersOf(test)],
        [
          [1, 2, 3],
          [4, 5, 6, 7, 8, 9],
        ],
      );
      assert.deepEqual(queryAndGallery(test), { query: Int32Array.of(0, 3, 4), gallery: Int32Array.of(1, 2, 5) });
      assert.equal(queryAndGallery(train), undefined);
    }
  });
  it("has no sides in a set without the column, and refuses a gallery that nobody asks", async () => {
    const { test } = await openInShop(await folderOf(files), OPTIONS);
    assert.equal(queryAndGallery({ ...test, columns: {} }), undefined);
    const columns = { gallery: new Int32Array(test.count).fill(1) };
    assert.throws(() => queryAndGallery({ ...test, columns }), /inshop test: .* all 6 images are the gallery's/);
  });
  it("says which line is at fault", async () => {
    const list = files[LIST] as string;
    const refused = async (given: string, message: RegExp): Promise<void> =>
      assert.rejects(openInShop(await folderOf({ ...files, [LIST]: given }), OPTIONS), message);
    const swapped = (before: string, after: string): string => {
      assert.ok(list.includes(before));
      return list.replace(before, after);
    };
    await refused(
      swapped("9\n", "52712\n"),
      /list_eval_partition\.txt, line 1: 52712 images are announced, but 9 lines follow/,
    );
    await refused(swapped("9\n", ""), /line 1: the first line is the number of images, found "image_name item_id/);
    await refused(
      swapped("id_00000007 query", "id_00000007 probe"),
      /line 6: the status is one of train, query, gallery, found "probe"/,
    );
    await refused(
      swapped("id_00000007 query", "00000007 query"),
      /line 6: an item is called id_ and a number, found "00000007"/,
    );
    await refused(
      swapped("id_00000005 train", "id_00000007 train"),
      /line 6: class 7 is in the test part, but a line before has it in the training part/,
    );
    await refused(swapped("id_00000007 query", "id_7x query"), /line 6: item_id is a whole number/);
    await refused(
      swapped("id_00000007 query", "id_00000002 query"),
      /line 6: the gallery has no image of the item of this query, id 2/,
    );
    await refused(
      swapped("id_00000007 query", "id_00000008 query"),
      /line 6: the gallery has no image of the item of this query, id 8/,
    );
    await refused(
      swapped("id_00000003 gallery", "id_00000002 gallery"),
      /line 9: the gallery has no image of the item of this query, id 3/,
    );
    await refused(swapped("01_1_front.jpg", "01_1_back.jpg "), /line 4: the image .*01_1_back\.jpg is missing/);
    await assert.rejects(
      openInShop(await folderOf(without(files, LIST)), OPTIONS),
      /has Eval in its folder, or in Inshop_Clothes in it/,
    );
  });
});

describe("images of retrieval sets", () => {
  it("become red, green, blue, whatever they are: grey, CMYK, transparent, turned", async () => {
    const grey = await sharp({ create: { width: 4, height: 4, channels: 3, background: "#808080" } })
      .toColourspace("b-w")
      .jpeg()
      .toBuffer();
    const cmyk = await sharp({ create: { width: 4, height: 4, channels: 3, background: "red" } })
      .toColourspace("cmyk")
      .jpeg({ quality: 100 })
      .toBuffer();
    const clear = await sharp({
      create: { width: 4, height: 4, channels: 4, background: { r: 0, g: 0, b: 255, alpha: 0 } },
    })
      .png()
      .toBuffer();
    assert.deepEqual(
      (await Promise.all([grey, cmyk, clear].map((image) => sharp(image).metadata()))).map(({ channels }) => channels),
      [1, 4, 4],
    );
    const files = {
      ...cubFiles([1, 2, 101, 102]),
      "images/001.Bird_1/0.jpg": grey,
      "images/001.Bird_1/1.jpg": cmyk,
      "images/001.Bird_1/2.jpg": clear,
    };
    const { train } = await openCub(await folderOf(files), OPTIONS);
    assert.deepEqual([train.channels, train.height, train.width], [3, 2, 2]);
    const middle = async (index: number): Promise<number[]> => {
      const image = new Float32Array(12);
      await train.read(index, image);
      return [0, 4, 8].map((at) => Math.round(255 * image[at]));
    };
    assert.deepEqual(await middle(0), [128, 128, 128]);
    const [red, green, blue] = await middle(1); // through ink and back: near
    assert.ok(red > 200 && green < 60 && blue < 60, `${red}, ${green}, ${blue}`);
    assert.deepEqual(await middle(2), [0, 0, 0]);
    assert.deepEqual(await middle(3), [4, 100, 200]);
  });
  it("are opened by the set's name, and a damaged one is named when it is read", async () => {
    const birds = [1, 2, 3, 4, 101, 102];
    const folder = await folderOf({ ...cubFiles(birds), "images/001.Bird_1/0.jpg": "no image" });
    const set = await openDataSet({ name: "cub", data: folder, side: 8, rotations: true });
    assert.deepEqual([set.name, set.train.classes, set.test.classes, set.train.height], ["cub", 16, 2, 8]);
    await assert.rejects(
      async () => set.train.read(0, new Float32Array(192)),
      /Bird_1.0\.jpg: the image cannot be decoded/,
    );
    for (const name of ["cars", "sop", "inshop"] as const satisfies DataSetName[]) {
      await assert.rejects(openDataSet({ name, data: folder }), /neither is there/);
    }
  });
});
