import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openEngine } from "../../src/tensor/openEngine.js";
import type { Engine } from "../../src/tensor/engine.js";
import { buildBackbone } from "../../src/training/buildModel.js";
import { complete, type Configuration, type PartialConfiguration } from "../../src/training/configuration.js";
import { RunFolder } from "../../src/training/runFolder.node.js";
import { openSafetensors } from "../../src/training/safetensors.node.js";
import { train, type TrainOptions } from "../../src/training/train.node.js";
import { temporaryFolder, tinySettings } from "../cli/pfc.js";
import { writeFolders } from "../data/facesOnDisk.js";

const settings = { ...tinySettings, steps: 6, evaluateEvery: 3, checkpointEvery: 2 };
let engine: Engine;
/** A finished run without quality. */
let base: RunFolder;

before(async () => {
  engine = await openEngine("wasm");
  base = await newRun();
  assert.equal(await train(options(base, complete(settings))), true);
});
after(async () => engine.close());

async function newRun(): Promise<RunFolder> {
  return RunFolder.vacant(join(await temporaryFolder(), "run"));
}

function options(run: RunFolder, configuration: Configuration, more: Partial<TrainOptions> = {}): TrainOptions {
  return { run, configuration, engine, resume: false, ...more };
}

/** On top of that run. */
function onTop(of: RunFolder, more: PartialConfiguration = {}): Configuration {
  return complete({ ...settings, quality: { variant: "onTop", base: of.path }, ...more });
}

/** Backbone and centers of a checkpoint, by name. */
async function stored(path: string): Promise<Map<string, number[]>> {
  const file = await openSafetensors(path);
  const found = new Map<string, number[]>();
  for (const [name, tensor] of file.tensors) {
    if (name.startsWith("backbone.") || name === "head.centers") found.set(name, Array.from(await tensor.read()));
  }
  await file.close();
  return found;
}

/** What an optimizer keeps something of. */
async function optimized(path: string): Promise<string[]> {
  const file = await openSafetensors(path);
  await file.close();
  return [...file.tensors.keys()].filter((name) => name.startsWith("optimizer.")).map((name) => name.slice(10));
}

/** All that the base has is in the run bit for bit; returns the unit. */
async function assertUntouched(run: RunFolder, of: RunFolder): Promise<{ weight: number[]; bias: number[] }> {
  const [expected, found] = [await stored(of.model()), await stored(run.last)];
  for (const name of await optimized(run.last)) assert.match(name, /^(backbone\.)?qs\.|^centers\./);
  for (const [name, values] of expected) {
    if (!name.startsWith("backbone.qs.")) assert.deepEqual(found.get(name), values, name);
  }
  return { weight: found.get("backbone.qs.weight")!, bias: found.get("backbone.qs.bias")! };
}

/** As every unit of these settings begins. */
function initialUnit(configuration: Configuration): { weight: number[]; bias: number[] } {
  const network = buildBackbone(engine, configuration, { channels: 1, side: 16 });
  const state = network.stateDictionary();
  const [weight, bias] = ["qs.weight", "qs.bias"].map((name) => Array.from(state.get(name)!.dataSync()));
  network.dispose();
  return { weight, bias };
}

for (const [what, more] of [
  ["centers updated sparsely", {}],
  ["centers updated densely, with momentum and decay", { head: { ...tinySettings.head, update: "dense" } }],
  ["AdamW", { optimizer: { kind: "adamw", rate: 0.01 } }],
] as const) {
  test(`backbone, statistics and centers stay those of the base bit for bit, and the unit is trained: ${what}`, async () => {
    const run = await newRun();
    const configuration = onTop(base, more);
    assert.equal(await train(options(run, configuration)), true);
    const unit = await assertUntouched(run, base);
    const initial = initialUnit(configuration);
    assert.ok(unit.weight.every((value, e) => value !== initial.weight[e]) && unit.bias[0] !== initial.bias[0]);
    assert.ok(existsSync(run.qualityModel));
    assert.equal(existsSync(run.best), false, "a frozen backbone has no best state");
    const kinds = run.metrics().flatMap((line) => (line.kind === "evaluation" ? [line.part] : []));
    assert.deepEqual(kinds, ["test"]);
  });
}

test("a base that has a unit lends its backbone and centers, not its unit", async () => {
  const learned = await newRun();
  await train(options(learned, complete({ ...settings, steps: 2, quality: { variant: "simultaneous" } })));
  const run = await newRun();
  const configuration = onTop(learned, { optimizer: { rate: 1e-30 } }); // nothing is seen of such a step
  await train(options(run, configuration));
  const unit = await assertUntouched(run, learned);
  assert.deepEqual(unit, initialUnit(configuration));
});

test("stopped and resumed it ends in the same bytes, and needs the base no more", async () => {
  const whole = await newRun();
  await train(options(whole, onTop(base)));
  const run = await newRun();
  const stop = new AbortController();
  const onStep = ({ step }: { step: number }): void => (step === 3 ? stop.abort() : undefined);
  assert.equal(await train(options(run, onTop(base), { signal: stop.signal, onStep })), false);
  assert.equal(await train(options(run, onTop(base), { resume: true })), true);
  for (const file of ["last", "qualityModel"] as const) {
    assert.ok((await readFile(run[file])).equals(await readFile(whole[file])), `${file} differs`);
  }
});

async function refused(configuration: Configuration, message: RegExp): Promise<void> {
  const run = await newRun();
  await assert.rejects(train(options(run, configuration)), message);
  assert.equal(existsSync(run.path), false);
}

test("a base that is not there, has no checkpoint, or is of another network or data set is refused, and nothing is written", async () => {
  const nowhere = RunFolder.vacant(join(await temporaryFolder(), "nowhere"));
  await refused(onTop(nowhere), /nowhere holds no run: its config\.json cannot be read/);
  const begun = await newRun();
  begun.begin(complete(settings))();
  await refused(onTop(begun), /has no checkpoint/);
  const wider = { network: { ...tinySettings.network, embedding: 12 } };
  await refused(onTop(base, wider), /does not fit this run: "head\.centers" has shape \[\d+, 8\], but \[\d+, 12\]/);
  const deeper = { network: { ...tinySettings.network, blocks: [1, 2] } };
  await refused(onTop(base, deeper), /best\.safetensors does not fit this run: .*layer/);
  const more = { dataset: { ...tinySettings.dataset, identities: 80 } };
  await refused(onTop(base, more), /quality\.base: .* was trained with dataset\.identities = \d+, and this run has 80/);
});

test("a base of as many other identities is refused too: those of another seed are other people", async () => {
  await refused(onTop(base, { seed: 5 }), /quality\.base: .* was trained with seed = \d+, and this run has 5/);
});

test("a base whose centers are those of other classes is noticed in the first step", async () => {
  const folders = await Promise.all([temporaryFolder(), temporaryFolder()]);
  for (const [shift, folder] of folders.entries()) await writeFolders(folder, shift);
  const dataset = { name: "folder", side: 16, testShare: 0.4 } as const;
  const photos = {
    ...settings,
    steps: 200,
    evaluateEvery: 200,
    batch: 8,
    head: { ...tinySettings.head, ratio: 1 },
    dataset,
  };
  const learned = await newRun();
  await train(options(learned, complete(photos), { data: folders[0] }));
  for (const [which, noticed] of [
    [0, false],
    [1, true],
  ] as const) {
    const notices: string[] = [];
    const configuration = complete({ ...photos, steps: 1, quality: { variant: "onTop", base: learned.path } });
    const onNotice = (text: string): void => void notices.push(text);
    await train(options(await newRun(), configuration, { data: folders[which], onNotice }));
    assert.equal(
      notices.some((text) => text.startsWith("images are nearer to wrong centers of the base")),
      noticed,
      notices.join(),
    );
  }
});
