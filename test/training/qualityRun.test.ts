import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openEngine } from "../../src/tensor/openEngine.js";
import type { Engine } from "../../src/tensor/engine.js";
import { complete, type Configuration } from "../../src/training/configuration.js";
import type { StepLine } from "../../src/training/metrics.js";
import { openQualityModel } from "../../src/training/qualityModel.node.js";
import { RunFolder } from "../../src/training/runFolder.node.js";
import { openSafetensors, type SafetensorsFile } from "../../src/training/safetensors.node.js";
import { train, type TrainOptions } from "../../src/training/train.node.js";
import { temporaryFolder, tinySettings } from "../cli/pfc.js";

const settings = { ...tinySettings, steps: 12, evaluateEvery: 5, checkpointEvery: 4 };
const configuration = complete({
  ...settings,
  augmentation: { degrade: 0.5 },
  network: { ...tinySettings.network, dropout: 0.2 },
  quality: { variant: "simultaneous" },
});
let engine: Engine;
/** A run that was never stopped. */
let whole: RunFolder;

before(async () => {
  engine = await openEngine("wasm");
  whole = await newRun();
  assert.equal(await train(options(whole)), true);
});
after(async () => engine.close());

/** All of one name, which the quality model is called by. */
async function newRun(): Promise<RunFolder> {
  return RunFolder.vacant(join(await temporaryFolder(), "run"));
}

function options(run: RunFolder, more: Partial<TrainOptions> = {}): TrainOptions {
  return { run, configuration, engine, resume: false, ...more };
}

const stepsOf = (run: RunFolder): StepLine[] => run.metrics().filter((line) => line.kind === "step");

async function trained(changed: Configuration): Promise<RunFolder> {
  const run = await newRun();
  await train(options(run, { configuration: changed }));
  return run;
}

async function sameAsWhole(run: RunFolder): Promise<void> {
  for (const file of ["last", "best", "qualityModel"] as const) {
    assert.ok((await readFile(run[file])).equals(await readFile(whole[file])), `${file} differs`);
  }
  const timeless = (of: RunFolder): unknown[] =>
    of.metrics().map((line) => ("time" in line ? { ...line, time: undefined } : line));
  assert.deepEqual(timeless(run), timeless(whole));
}

test("every step of a run that learns quality records what its regression did", () => {
  const steps = stepsOf(whole);
  assert.equal(steps.length, 12);
  for (const { step, loss, quality } of steps) {
    assert.ok(quality && Object.values(quality).every(Number.isFinite), `step ${step}: ${JSON.stringify(quality)}`);
    const { classCenter, nearestNegative, target, correlation } = quality;
    for (const cosine of [classCenter, nearestNegative, correlation]) assert.ok(Math.abs(cosine) <= 1);
    assert.ok(nearestNegative >= -1e-12, "the floor");
    assert.ok(Math.abs(target) <= 1.001, "CCS over 1 at least");
    assert.ok(loss > 0 && quality.loss >= 0);
  }
});

test("it ends with a quality model that says where it comes from", async () => {
  const { description, network } = await openQualityModel(whole.qualityModel, engine);
  network.dispose();
  const { name, images, trained: from, calibration } = description;
  assert.equal(name, "run");
  assert.deepEqual(images, { channels: 1, side: 16, order: "grey" });
  const { classes } = from;
  assert.deepEqual(from, { dataset: "builtin", classes, steps: 12, seed: 0, variant: "simultaneous", form: "paper" });
  assert.equal(calibration.minMax.references, calibration.quantile.references);
  assert.equal(calibration.minMax.references, classes * 4); // four images each, fewer than 2000 in all
});

test("the model is the best state, and not the last", async () => {
  const [model, best, last] = await Promise.all([whole.qualityModel, whole.best, whole.last].map(openSafetensors));
  const names = [...model.tensors.keys()].filter((name) => name.startsWith("network."));
  const values = async ({ tensors }: SafetensorsFile, prefix: string): Promise<number[][]> =>
    Promise.all(names.map(async (name) => Array.from(await tensors.get(name.replace("network.", prefix))!.read())));
  const written = await values(model, "network.");
  assert.deepEqual(written, await values(best, "backbone."));
  assert.notDeepEqual(written, await values(last, "backbone."));
  for (const file of [model, best, last]) await file.close();
});

for (const step of [2, 5, 7]) {
  test(`stopped after step ${step} and resumed, it ends in the same bytes, quality model and metrics among them`, async () => {
    const run = await newRun();
    const stop = new AbortController();
    const onStep = (line: StepLine): void => (line.step === step ? stop.abort() : undefined);
    assert.equal(await train(options(run, { signal: stop.signal, onStep })), false);
    assert.equal(existsSync(run.qualityModel), false);
    assert.equal(await train(options(run, { resume: true })), true);
    await sameAsWhole(run);
  });
}

test("stopped in the last evaluation, it has no quality model yet, and has it after resuming", async () => {
  const run = await newRun();
  const stop = new AbortController();
  const onNotice = (text: string): void => (text.startsWith("evaluating on") ? stop.abort() : undefined);
  assert.equal(await train(options(run, { signal: stop.signal, onNotice })), false);
  assert.equal(existsSync(run.qualityModel), false);
  assert.equal(await train(options(run, { resume: true })), true);
  await sameAsWhole(run);
});

test("a finished run that lost its quality model writes the same again when resumed, and is not tested twice", async () => {
  const run = await trained(configuration);
  const model = await readFile(run.qualityModel);
  const lines = run.metrics();
  await rm(run.qualityModel);
  assert.equal(await train(options(run, { resume: true })), true);
  assert.ok((await readFile(run.qualityModel)).equals(model));
  assert.deepEqual(run.metrics(), lines);
});

test("a run without quality records none and writes no model; with λ next to 0 quality leaves its losses as they are", async () => {
  const none = complete({ ...settings, steps: 3 });
  const plain = await trained(none);
  assert.equal(existsSync(plain.qualityModel), false);
  const steps = stepsOf(plain);
  assert.ok(steps.every((line) => !("quality" in line)));
  // the unit has a name of its own, so that no other random number changes; 1e-30 of its gradient is lost in every sum
  const beside = await trained(complete({ ...none, quality: { variant: "simultaneous", weight: 1e-30 } }));
  assert.deepEqual(
    stepsOf(beside).map(({ loss }) => loss),
    steps.map(({ loss }) => loss),
  );
});

test("CCS alone is another target, and named so in the model", async () => {
  const run = await trained(complete({ ...configuration, steps: 2, quality: { variant: "ccsOnly" } }));
  for (const { quality } of stepsOf(run)) assert.equal(quality?.target, quality?.classCenter);
  const { description, network } = await openQualityModel(run.qualityModel, engine);
  network.dispose();
  assert.equal(description.trained.variant, "ccsOnly");
});
