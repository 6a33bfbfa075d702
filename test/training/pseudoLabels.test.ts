import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { writeNpy } from "../../src/data/npy/npy.js";
import { openEngine } from "../../src/tensor/openEngine.js";
import type { Engine } from "../../src/tensor/engine.js";
import { complete, type Configuration } from "../../src/training/configuration.js";
import { locatePseudoLabels } from "../../src/training/pseudoLabels.node.js";
import { RunFolder } from "../../src/training/runFolder.node.js";
import { openData, train } from "../../src/training/train.node.js";
import { temporaryFolder, tinySettings } from "../cli/pfc.js";

/** 60 identities of 4 images each; image i is in pseudo-class i mod 7, every ninth in none. */
const labels = Int32Array.from({ length: 240 }, (_, i) => (i % 9 === 8 ? -1 : i % 7));
let folder: string;
let engine: Engine;

before(async () => {
  folder = await temporaryFolder();
  engine = await openEngine("wasm", { threads: 1 });
});
after(() => engine.close());

async function labelFile(name: string, data = labels, shape: readonly number[] = [data.length]): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, writeNpy({ shape, data }));
  return file;
}

async function configured(file: string): Promise<Configuration> {
  const pseudoLabels = await locatePseudoLabels({ file });
  return complete({ ...tinySettings, steps: 4, dataset: { ...tinySettings.dataset, pseudoLabels } });
}

describe("a run on pseudo-classes", () => {
  test("trains on the images that have one, with as many classes as there are, and tests on true ones", async () => {
    const configuration = await configured(await labelFile("seven.npy"));
    const data = await openData(configuration, undefined);
    assert.equal(data.train.count, labels.filter((label) => label >= 0).length);
    assert.equal(data.train.classes, 7);
    assert.deepEqual([...data.train.labels], [...labels.filter((label) => label >= 0)]);
    assert.equal(data.test.classes, 10);
    const run = RunFolder.vacant(join(folder, "run"));
    assert.equal(await train({ run, configuration, engine, resume: false }), true);
    const cost = run.metrics().find((line) => line.kind === "cost");
    assert.equal(cost?.classes, 7);
  });

  test("goes on with the labels it began with, or not at all", async () => {
    const file = await labelFile("changing.npy");
    const configuration = await configured(file);
    await openData(configuration, undefined);
    const bytes = await readFile(file);
    bytes[bytes.length - 4] ^= 1;
    await writeFile(file, bytes);
    await assert.rejects(openData(configuration, undefined), /changing\.npy has other labels than when the run began/);
  });

  test("is refused in a sentence where the file is not there, damaged, no vector, or of another set", async () => {
    await assert.rejects(configured(join(folder, "missing.npy")), /missing\.npy: there is no such file/);
    const damaged = join(folder, "damaged.npy");
    await writeFile(damaged, "not NumPy's");
    await assert.rejects(openData(await configured(damaged), undefined), /damaged\.npy.*byte 0/);
    const matrix = await labelFile("matrix.npy", labels, [120, 2]);
    await assert.rejects(openData(await configured(matrix), undefined), /a vector; given \[120, 2\]/);
    const short = await labelFile("short.npy", labels.subarray(1));
    await assert.rejects(openData(await configured(short), undefined), /given 239 labels for the 240 images of/);
  });
});
