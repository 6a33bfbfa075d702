import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { retrieveCommand } from "../../src/cli/commands/retrieve.js";
import { openDataSet } from "../../src/data/openDataSet.node.js";
import { resize } from "../../src/data/resize.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { complete } from "../../src/training/configuration.js";
import { embedImages } from "../../src/training/embedImages.js";
import type { Retrieval } from "../../src/training/retrievalTable.js";
import { RunFolder } from "../../src/training/runFolder.node.js";
import { train } from "../../src/training/train.node.js";
import { embedBatch } from "../../src/training/embedBatch.js";
import { openTrainedBackbone } from "../../src/training/trainedBackbone.node.js";
import { IDENTITIES, SAMPLES, writeFolders } from "../data/facesOnDisk.js";
import { pfc, temporaryFolder, tinySettings } from "./pfc.js";
import { refused } from "./refused.js";
import { TINY_EMOJI, writeTinyEmoji } from "./tinyEmoji.js";

const EMBEDDING = tinySettings.network.embedding;
let root: string;
let faces: string;
let emoji: string;
/** A run of three steps on colour images, of 8 pixels. */
let run: string;

before(async () => {
  root = await temporaryFolder();
  [faces, run] = [join(root, "faces"), join(root, "run")];
  emoji = await writeTinyEmoji(join(root, "emoji"));
  await writeFolders(faces);
  const engine = await openEngine("wasm", { threads: 1 });
  const { batch, head } = tinySettings;
  const network = { ...tinySettings.network, kind: "small-resnet" } as const; // which takes images of any size
  const dataset = { name: "emoji", side: TINY_EMOJI.side } as const;
  const configuration = complete({ network, head, batch, steps: 3, dataset });
  await train({ run: RunFolder.vacant(run), configuration, engine, data: emoji, resume: false });
  await engine.close();
});

/** In this process; returns what was written as JSON. */
async function retrieved(
  query: string,
  gallery: string,
  ...more: string[]
): Promise<{ found: Retrieval; page: string }> {
  const [out, sheet] = [join(root, "found.json"), join(root, "page.html")];
  const args = [query, "--gallery", gallery, "--model", run, "--out", out, "--sheet", sheet, ...more];
  await retrieveCommand().parseAsync(args, { from: "user" });
  return { found: JSON.parse(await readFile(out, "utf8")) as Retrieval, page: await readFile(sheet, "utf8") };
}

/** Cosine over the first dimensions, plainly. */
function cosine(x: Float32Array, y: Float32Array, dimensions: number): number {
  let [xy, xx, yy] = [0, 0, 0];
  for (let e = 0; e < dimensions; e++) {
    xy += x[e] * y[e];
    xx += x[e] * x[e];
    yy += y[e] * y[e];
  }
  return xy / Math.sqrt(xx * yy);
}

describe("pfc retrieve", () => {
  test("prints the nearest of a folder as CSV, itself left out, and writes a page", async () => {
    const query = join(faces, "person 3", "1.png");
    const copy = join(faces, "person 0", "copy.png");
    await copyFile(query, copy);
    await writeFile(join(faces, "person 1", "damaged.png"), "no image");
    const sheet = join(root, "folder.html");
    const { code, out, error } = await pfc("retrieve", query, "--gallery", faces, "--model", run, "--sheet", sheet);
    assert.equal(code, 0, error);
    const [head, first, ...others] = out.trimEnd().split("\r\n");
    assert.equal(head, "rank,similarity,image");
    assert.match(first, /^1,(1|0\.9{5,}\d*),person 0\/copy\.png$/);
    assert.equal(others.length, 23);
    assert.ok(!out.includes("person 3/1.png"));
    const similarities = others.map((line) => Number(line.split(",")[1]));
    assert.deepEqual(
      similarities,
      similarities.toSorted((a, b) => b - a),
    );
    assert.match(error, /skipped: .*damaged\.png: the image cannot be decoded.*\n1 of 49 images could not be read/);
    const page = await readFile(sheet, "utf8");
    assert.equal(page.match(/<li/g)?.length, 24);
    assert.ok(
      page.includes("damaged.png") && page.includes(`The nearest 24 of ${IDENTITIES * SAMPLES} images of faces`),
    );
    assert.ok(!/<script|src="(?!data:)/.test(page), "it stands alone");
  });

  test("of a data set, asks with one of its images; similarities are cosines of the first dimensions, cut first", async () => {
    const [query, dimensions] = [9, 5];
    const more = ["--data", emoji, "--part", "test", "--dimensions", String(dimensions), "--top", "100"];
    const { found, page } = await retrieved(String(query), "emoji", ...more);
    const set = (await openDataSet({ name: "emoji", data: emoji, side: TINY_EMOJI.side })).test;
    const engine = await openEngine("wasm", { threads: 1 });
    const { backbone } = await openTrainedBackbone(engine, run);
    const all = await embedImages({ engine, backbone, set });
    await engine.close();
    const row = (i: number): Float32Array => all.subarray(i * EMBEDDING, (i + 1) * EMBEDDING);
    const expected = Array.from({ length: set.count }, (_, i) => i)
      .filter((i) => i !== query)
      .map((i) => ({ i, similarity: cosine(row(query), row(i), dimensions) }))
      .sort((a, b) => b.similarity - a.similarity);
    assert.equal(found.nearest.length, TINY_EMOJI.test - 1);
    for (const [place, { rank, similarity, image, right }] of found.nearest.entries()) {
      const { i } = expected[place];
      assert.deepEqual([rank, image], [place + 1, `class${set.labels[i]}/image${i}`]);
      assert.ok(Math.abs(similarity - expected[place].similarity) < 1e-6);
      assert.equal(right, set.labels[i] === set.labels[query]);
    }
    const { compared, ofItsClass, embedding } = found;
    assert.deepEqual([compared, ofItsClass, found.dimensions, embedding], [23, 5, dimensions, EMBEDDING]);
    assert.equal(page.match(/<li class="right"/g)?.length, 5);
    assert.ok(page.includes("the first 5 of 8 dimensions"));
  });

  test("asks about a part of the query, and with several sizes of every image", async () => {
    const set = (await openDataSet({ name: "emoji", data: emoji, side: TINY_EMOJI.side })).test;
    const [query, scales] = [9, [1, 1.5]];
    const more = ["--data", emoji, "--top", "100", "--crop", "2,1,6,5", "--scales", scales.join()];
    const { found } = await retrieved(String(query), "emoji", ...more);
    assert.deepEqual([found.crop, found.scales], [[2, 1, 6, 5], scales]);
    const engine = await openEngine("wasm", { threads: 1 });
    const { backbone } = await openTrainedBackbone(engine, run);
    const all = await embedImages({ engine, backbone, set, scales });
    const { side } = TINY_EMOJI;
    const pixels = new Float32Array(3 * side * side);
    await set.read(query, pixels);
    const part = Float32Array.from({ length: 3 * 4 * 4 }, (_, i) => {
      const [channel, row, column] = [Math.floor(i / 16), Math.floor(i / 4) % 4, i % 4];
      return pixels[(channel * side + row + 1) * side + column + 2];
    });
    const enlarged = resize(part, { channels: 3, height: 4, width: 4 }, { height: side, width: side });
    const asked = await embedBatch({ engine, backbone, scales }, enlarged, [1, 3, side, side]);
    await engine.close();
    assert.equal(found.nearest.length, TINY_EMOJI.test - 1);
    for (const { image, similarity } of found.nearest) {
      const i = Number(image.split("image")[1]);
      assert.notEqual(i, query);
      const row = all.subarray(i * EMBEDDING, (i + 1) * EMBEDDING);
      assert.ok(Math.abs(similarity - cosine(asked, row, EMBEDDING)) < 1e-6);
    }
  });

  test("of a data set, asks with a file as well; then no class is known", async () => {
    const { found } = await retrieved(join(faces, "person 2", "0.png"), "emoji", "--data", emoji, "--top", "2");
    assert.deepEqual([found.compared, found.nearest.length, found.ofItsClass], [TINY_EMOJI.test, 2, undefined]);
    assert.ok(found.nearest.every(({ right }) => right === undefined));
  });
});

const person = (): string => join(faces, "person 2", "0.png");
const emptyFolder = async (): Promise<string> => {
  await mkdir(join(root, "empty"), { recursive: true });
  return join(root, "empty");
};

const faults: [what: string, args: () => Promise<string[]> | string[], message: RegExp][] = [
  ["an empty gallery", async () => [person(), "--gallery", await emptyFolder()], /empty: no image .* lies in this folder or below it; it holds no file at all/], // prettier-ignore
  ["a gallery that is not there", () => [person(), "--gallery", join(root, "nowhere")], /nowhere does not exist; a gallery is a folder, a file, or one of the data sets/], // prettier-ignore
  ["a gallery that is the query alone", () => [person(), "--gallery", person()], /the query is the only image of the gallery/], // prettier-ignore
  ["a gallery that cannot be read", async () => [person(), "--gallery", await unreadable()], /unreadable: none of its 2 images could be read; the first: .*a\.png: the image cannot be decoded/], // prettier-ignore
  ["a query that is no image", () => [join(emoji, "emoji-classes.json"), "--gallery", faces], /emoji-classes\.json: the name of an image ends in/], // prettier-ignore
  ["a query that is damaged", async () => [join(await unreadable(), "a.png"), "--gallery", faces], /a\.png: the image cannot be decoded/], // prettier-ignore
  ["a query that is a folder", () => [faces, "--gallery", faces], /the query is one image, and .*faces is a folder/],
  ["a query that is not there", () => [join(root, "none.png"), "--gallery", faces], /none\.png does not exist/],
  ["a number of no image", () => ["24", "--gallery", "emoji", "--data", emoji], /emoji test has images 0 \.\. 23; the query is image 24/], // prettier-ignore
  ["more dimensions than there are", () => [person(), "--gallery", faces, "--dimensions", "9"], /--dimensions: embeddings of .*run have 8 dimensions; given 9/], // prettier-ignore
  ["a box beyond the query", () => [person(), "--gallery", faces, "--crop", "0,0,1000,4"], /0\.png: crop: a box lies inside its image of/], // prettier-ignore
  ["a box beyond an image of the set", () => ["9", "--gallery", "emoji", "--data", emoji, "--crop", "4,4,4,8"], /crop: a box \(x1, y1, x2, y2\) has x1 < x2/], // prettier-ignore
  ["another ending of --out", () => [person(), "--gallery", faces, "--out", "found.txt"], /--out: the table is written as \.csv or as \.json/], // prettier-ignore
  ["--part of a folder", () => [person(), "--gallery", faces, "--part", "test"], /--part and --data belong to data sets/], // prettier-ignore
];

for (const [what, args, message] of faults) {
  test(`${what}: a sentence, and no page`, async () => {
    const sheet = join(root, "refused.html");
    await refused(retrieveCommand(), [...(await args()), "--model", run, "--sheet", sheet], message);
    assert.equal(existsSync(sheet), false);
  });
}

test("a file of another kind is not written over, and a run must be there", async () => {
  const sheet = join(root, "thesis.html");
  await writeFile(sheet, "<!doctype html>dear");
  const args = [person(), "--gallery", faces, "--model", run];
  await refused(retrieveCommand(), [...args, "--sheet", sheet], /is there already and holds no page of nearest images/);
  assert.equal(await readFile(sheet, "utf8"), "<!doctype html>dear");
  const out = join(root, "refused.html");
  const missing = [person(), "--gallery", faces, "--model", join(root, "no-run"), "--sheet", out];
  await refused(retrieveCommand(), missing, /no-run holds no run/);
});

async function unreadable(): Promise<string> {
  const folder = join(root, "unreadable");
  await mkdir(folder, { recursive: true });
  for (const name of ["a.png", "b.png"]) await writeFile(join(folder, name), "no image");
  return folder;
}
