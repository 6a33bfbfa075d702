import assert from "node:assert/strict";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { PNG } from "pngjs";
import type { QualityNetwork } from "../../src/crfiqa/index.js";
import { qualityCommand } from "../../src/cli/commands/quality.js";
import { trainCommand } from "../../src/cli/commands/train.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import { train } from "../../src/training/train.node.js";
import { ReferenceEngine } from "../../src/tensor/engines/reference/index.js";
import { buildBackbone } from "../../src/training/buildModel.js";
import { complete, listSettings, type PartialConfiguration } from "../../src/training/configuration.js";
import { saveQualityModel } from "../../src/training/qualityModel.node.js";
import { RunFolder } from "../../src/training/runFolder.node.js";
import { openSafetensors } from "../../src/training/safetensors.node.js";
import { IDENTITIES, SAMPLES, writeFolders } from "../data/facesOnDisk.js";
import { pngOf } from "../data/picture.js";
import { pfc, temporaryFolder, tinyRun, tinySettings, type Outcome } from "./pfc.js";
import { refused } from "./refused.js";

const SIDE = 16;
let root: string;
/** A finished run of four steps with quality, and one without. */
let run: string;
let plain: string;
/** A model of three channels, alone in a file. */
let ofColour: string;

before(async () => {
  root = await temporaryFolder();
  [run, plain] = [join(root, "learned"), join(root, "plain")];
  const trained = await pfc(...tinyRun(run, "--steps", "4", "--quality", "simultaneous"));
  assert.equal(trained.code, 0, trained.error);
  const engine = await openEngine("wasm");
  const configuration = complete({ ...tinySettings, steps: 4 });
  await train({ run: RunFolder.vacant(plain), configuration, engine, resume: false });
  await engine.close();
  ofColour = join(root, "colour.safetensors");
  await writeColourModel(ofColour);
});

async function writeColourModel(path: string): Promise<void> {
  const engine = new ReferenceEngine("float32");
  const configuration = complete({ ...tinySettings, quality: { variant: "simultaneous" } });
  const format = { channels: 3, side: SIDE };
  const network = buildBackbone(engine, configuration, format) as QualityNetwork;
  await saveQualityModel(path, { engine, network, configuration, format, classes: 2, references: [0, 1] });
}

/** A folder of images, and of what else is given. */
async function folderOf(name: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const folder = join(root, name);
  for (const [file, content] of Object.entries(files)) {
    await mkdir(join(folder, file, ".."), { recursive: true });
    await writeFile(join(folder, file), content);
  }
  return folder;
}

/** A level for each pixel of picture `number`, of which no two are alike. */
const levels = (number: number): number[] =>
  Array.from({ length: SIDE * SIDE }, (_, i) => (i * (number + 3) + 31 * number) % 256);
const greyAsColour = (number: number): number[] => levels(number).flatMap((level) => [level, level, level]);
const png = (number: number, alpha?: number): Uint8Array =>
  pngOf({ height: SIDE, width: SIDE, pixels: greyAsColour(number) }, alpha);

/** One channel, of 8 or 16 bits. */
function greyPng(number: number, bits: 8 | 16): Uint8Array {
  const options = { colorType: 0, inputColorType: 0, inputHasAlpha: false } as const;
  const picture = new PNG({ width: SIDE, height: SIDE, ...options, bitDepth: bits });
  picture.data =
    bits === 8
      ? Buffer.from(levels(number))
      : Buffer.from(Uint16Array.from(levels(number), (level) => 257 * level).buffer);
  return PNG.sync.write(picture, { ...options, bitDepth: bits });
}

/** Of lines without a quote: name and the three numbers. */
function table({ out }: Outcome): { name: string; numbers: number[] }[] {
  const [head, ...lines] = out.split("\r\n");
  assert.equal(head, "image,score,minMax,quantile");
  assert.equal(lines.pop(), "");
  return lines.map((line) => {
    const [name, ...numbers] = line.split(",");
    return { name, numbers: numbers.map(Number) };
  });
}

const score = (images: string, ...more: string[]): Promise<Outcome> => pfc("quality", images, "--model", run, ...more);
const scoreRefused = (message: RegExp, ...args: string[]): Promise<void> => refused(qualityCommand(), args, message);

test("train --quality records quality, writes a model, and is named among its settings", async () => {
  const { run: folder, configuration } = await RunFolder.open(run);
  assert.equal(configuration.quality.variant, "simultaneous");
  const steps = folder.metrics().filter((line) => line.kind === "step");
  assert.ok(steps.length === 4 && steps.every(({ quality }) => quality !== undefined));
  assert.ok((await readdir(run)).includes("quality.safetensors"));
});

test("a folder is scored as CSV, in order, sub-folders and all; how a picture is stored does not matter, nor what else is scored", async () => {
  const folder = await folderOf("folder", {
    "1 colour.png": png(1),
    "2 opaque.png": png(1, 255),
    "3 grey.png": greyPng(1, 8),
    "4 deep.png": greyPng(1, 16),
    "5 other.png": png(2),
    "below/6 same.png": png(2),
    "below/7 damaged.png": "no image",
    "notes.txt": "no image",
  });
  const result = await score(folder);
  assert.equal(result.code, 0, result.error);
  const rows = table(result);
  const names = ["1 colour.png", "2 opaque.png", "3 grey.png", "4 deep.png", "5 other.png", "below/6 same.png"];
  assert.deepEqual(rows.map(({ name }) => name), names); // prettier-ignore
  const [first, opaque, grey, deep, other, same] = rows.map(({ numbers }) => numbers);
  assert.deepEqual([opaque, grey, deep], [first, first, first]);
  assert.deepEqual(same, other);
  assert.notEqual(other[0], first[0]);
  for (const [raw, minMax, quantile] of [first, other]) {
    assert.ok(Number.isFinite(raw));
    for (const share of [minMax, quantile]) assert.ok(share >= 0 && share <= 1);
  }
  assert.match(
    result.error,
    /^6 images scored in [\d.]+ s \(\d+ a second\)\nskipped: .*7 damaged\.png: .*\n1 of 7 images .*\n$/,
  );

  // one image alone, by a model named by its file
  const model = join(run, "quality.safetensors");
  const alone = await pfc("quality", join(folder, "5 other.png"), "--model", model);
  assert.deepEqual(table(alone), [rows[4]]);
});

test("scores go to a file, JSON or CSV, and a sheet beside it; they are written anew over scores, but over nothing else", async () => {
  const folder = await folderOf("files", { "a, b.png": png(1), "c.png": png(2) });
  const [json, csv, sheet] = ["scores.json", "scores.csv", "sheet.html"].map((name) => join(root, name));
  const result = await score(folder, "--out", json, "--sheet", sheet);
  assert.deepEqual([result.code, result.out], [0, ""], result.error);
  assert.match(result.error, /contact sheet: .*sheet\.html\n/);
  const { model, images, skipped } = JSON.parse(await readFile(json, "utf8")) as {
    model: string;
    images: { image: string }[];
    skipped: unknown[];
  };
  assert.deepEqual([model, skipped], ["learned", []]);
  assert.deepEqual(images.map(({ image }) => image), ["a, b.png", "c.png"]); // prettier-ignore
  const html = await readFile(sheet, "utf8");
  assert.ok(images.every(({ image }) => html.includes(image)) && html.includes("data:image/png;base64,"));

  await writeFile(csv, "image,score,minMax,quantile\r\nold.png,1,1,1\r\n");
  await qualityCommand().parseAsync([folder, "--model", run, "--out", csv], { from: "user" });
  assert.match(await readFile(csv, "utf8"), /^image,score,minMax,quantile\r\n"a, b\.png",[^]*\r\nc\.png,/);
  await writeFile(csv, "name,salary\n");
  for (const out of [csv, join(run, "config.json")]) {
    const text = await readFile(out, "utf8");
    await scoreRefused(/ is there already and holds no scores/, folder, "--model", run, "--out", out);
    assert.equal(await readFile(out, "utf8"), text);
  }
});

test("images that cannot be read are named and left out; --strict exits with 1 for them, and the scores are there", async () => {
  const folder = await folderOf("damaged", { "a.png": png(1), "b.png": "no image", "c.png": png(2) });
  const strict = await score(folder, "--strict");
  assert.equal(strict.code, 1);
  assert.deepEqual(table(strict).map(({ name }) => name), ["a.png", "c.png"]); // prettier-ignore
  assert.match(strict.error, /skipped: .*b\.png: the image cannot be decoded/);
  assert.match(strict.error, /1 of 3 images could not be read and were skipped/);
});

test("where no image can be read there is nothing to write", async () => {
  const folder = await folderOf("nothing", { "a.png": "no image", "b.jpg": "none either" });
  const out = join(root, "nothing.csv");
  const message = /nothing: none of its 2 images could be read; the first: .*a\.png: the image cannot be decoded/;
  await scoreRefused(message, folder, "--model", run, "--out", out);
  assert.equal((await readdir(root)).includes("nothing.csv"), false);
});

test("a data set of folders is scored by the paths of its images", async () => {
  const data = join(root, "faces");
  await writeFolders(data);
  const result = await pfc("quality", "folder", "--model", ofColour, "--data", data, "--part", "train");
  assert.equal(result.code, 0, result.error);
  const lines = result.out.trimEnd().split("\r\n").slice(1);
  assert.ok(lines.length < IDENTITIES * SAMPLES, "the train part");
  assert.match(lines[SAMPLES], /^person 1\/0\.png,-?[\d.e-]+,[\d.]+,[\d.]+$/);
  const message = /has images of 3 channels, and the model takes 1/;
  await scoreRefused(message, "folder", "--model", run, "--data", data);
});

const faults: [what: string, args: () => Promise<string[]> | string[], message: RegExp][] = [
  ["an empty folder", async () => [await emptyFolder(), "--model", run], /no image \(.*\) lies in this folder/],
  [
    "a folder that is not there",
    () => [join(root, "nowhere"), "--model", run],
    /nowhere does not exist; images are a folder, a file, or one of the data sets omniglot/,
  ],
  ["a run that is not there", () => [root, "--model", join(root, "no-run")], /no-run does not exist; --model names a run trained with --quality/], // prettier-ignore
  ["a run without a unit", () => [root, "--model", plain], /has no quality\.safetensors: a run writes it at its end if it was trained with --quality/], // prettier-ignore
  ["a checkpoint for a model", () => [root, "--model", join(run, "checkpoints", "last.safetensors")], /no quality model \(format "partial-fc\/checkpoint-1"/], // prettier-ignore
  ["another ending of --out", () => [root, "--model", run, "--out", "scores.txt"], /--out: scores are written as \.csv or as \.json, given scores\.txt/], // prettier-ignore
  ["another ending of --sheet", () => [root, "--model", run, "--sheet", "sheet.pdf"], /--sheet: the page is an \.html file, given sheet\.pdf/], // prettier-ignore
  ["a folder of --out that is not there", () => [root, "--model", run, "--out", join(root, "no", "scores.csv")], /--out: the folder of .*scores\.csv does not exist/], // prettier-ignore
  ["a folder for --sheet", async () => [root, "--model", run, "--sheet", await folderOf("a.html", { "x.png": png(1) })], /a\.html is there already and holds no contact sheet/], // prettier-ignore
  ["a page of another kind for --sheet", () => [root, "--model", run, "--sheet", join(run, "report.html")], /report\.html is there already and holds no contact sheet/], // prettier-ignore
  ["--part of a folder", () => [root, "--model", run, "--part", "train"], /--part and --data belong to data sets/],
  ["an image of no known kind", () => [join(run, "config.json"), "--model", run], /config\.json: the name of an image ends in/], // prettier-ignore
  ["a damaged model", async () => [root, "--model", await damagedModel()], /self-check failed/],
];

for (const [what, args, message] of faults) {
  test(`${what} is refused in a sentence`, async () => scoreRefused(message, ...(await args())));
}

async function emptyFolder(): Promise<string> {
  const folder = join(root, "empty");
  await mkdir(folder, { recursive: true });
  return folder;
}

/** The model with another sign in its last stored number, a score of its self-check. */
async function damagedModel(): Promise<string> {
  const path = join(root, "damaged.safetensors");
  await copyFile(join(run, "quality.safetensors"), path);
  const bytes = await readFile(path);
  bytes.writeFloatLE(-bytes.readFloatLE(bytes.length - 4) - 1, bytes.length - 4);
  await writeFile(path, bytes);
  return path;
}

test("train --quality onTop takes network and settings of its base, and is refused without one", async () => {
  const out = join(root, "on-top");
  const args = ["train", "--quiet", "--out", out, "--quality", "onTop", "--base", plain, "--steps", "3"];
  const trained = await pfc(...args);
  assert.equal(trained.code, 0, trained.error);
  const [base, { configuration }] = [(await RunFolder.open(plain)).configuration, await RunFolder.open(out)];
  const others = (of: PartialConfiguration): [string, string][] =>
    listSettings(of).filter(([name]) => !/^(quality|steps$|schedule\.warmup)/.test(name));
  assert.deepEqual(others(configuration), others(base));
  const file = await openSafetensors(join(out, "quality.safetensors"));
  await file.close();
  assert.match(file.metadata.model, /"variant":"onTop"/);

  const without = (...args: string[]): string[] => tinyRun(join(root, "refused"), "--steps", "2", ...args).slice(1);
  const noBase = /quality\.variant onTop trains on the run that quality\.base \(--base\) names/;
  await refused(trainCommand(), without("--quality", "onTop"), noBase);
  await refused(trainCommand(), without("--base", plain), /no other variant has one; given none/);
  assert.equal((await readdir(root)).includes("refused"), false);
});
