import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { writeFolders, writeRecordSet } from "../data/facesOnDisk.js";
import { pfc, temporaryFolder, tinyRun } from "./pfc.js";

let root: string;
before(async () => {
  root = await temporaryFolder();
  await writeFolders(join(root, "folder"));
  await writeRecordSet(join(root, "recordio"));
});

const of = (dataset: string, run: string, ...more: string[]): string[] => [
  ...tinyRun(join(root, run), "--steps", "2", "--set", "dataset.testShare=0.25"),
  ...["--dataset", dataset, "--data", join(root, dataset), ...more],
];

test("train, evaluate and embed take a folder of records, and measure on the pair files in it", async () => {
  const { code, error } = await pfc(...of("recordio", "records"));
  assert.equal(code, 0, error);
  const data = ["--data", join(root, "recordio")];
  const evaluated = await pfc("evaluate", join(root, "records"), ...data);
  const { images, pairSets } = JSON.parse(evaluated.out) as { images: number; pairSets: { name: string }[] };
  assert.deepEqual([images, pairSets.map(({ name }) => name)], [12, ["eleven"]]);
  const table = await pfc("report", join(root, "records"), "--out", join(root, "report.html"));
  assert.equal(table.code, 0, table.error);
  const out = join(root, "embeddings.safetensors");
  const embedded = await pfc("embed", join(root, "records"), ...data, "--part", "train", "--out", out);
  assert.match(embedded.out, /36 embeddings of 8 numbers/);
});

test("train takes a folder of folders, with turned classes if asked for", async () => {
  const { code, error } = await pfc(...of("folder", "turned", "--set", "dataset.rotations=true"));
  assert.equal(code, 0, error);
});

test("a folder that is no set of images is refused in a sentence", async () => {
  const empty = join(root, "folder", "person 0");
  for (const [dataset, message] of [
    ["folder", /pfc: .*one sub-folder for each class, this one holds 4 files and no sub-folder \(0\.png, …\)/],
    ["recordio", /pfc: .*has a file train\.rec/],
  ] as const) {
    const { code, error } = await pfc(...of(dataset, "refused", "--data", empty));
    assert.notEqual(code, 0);
    assert.match(error, message);
    assert.doesNotMatch(error, /^\s+at /m);
  }
});

test("an image that cannot be decoded ends the training with its name", async () => {
  const damaged = join(root, "damaged");
  await writeFolders(damaged);
  for (let person = 0; person < 12; person++) await writeFile(join(damaged, `person ${person}`, "1.png"), "no image");
  const { code, error } = await pfc(...of("folder", "stopped", "--data", damaged));
  assert.notEqual(code, 0);
  assert.match(error, /^pfc: .*person \d+\/1\.png: the image cannot be decoded: .*\(8 bytes\)\.$/m);
});
