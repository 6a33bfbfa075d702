import assert from "node:assert/strict";
import { copyFile, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openEngine } from "../../src/tensor/openEngine.js";
import type { Engine } from "../../src/tensor/engine.js";
import { buildTrainee } from "../../src/training/buildModel.js";
import { saveCheckpoint } from "../../src/training/checkpoint.node.js";
import { complete } from "../../src/training/configuration.js";
import { openSafetensors } from "../../src/training/safetensors.node.js";
import { RunFolder } from "../../src/training/runFolder.node.js";
import { openData, train, type TrainOptions } from "../../src/training/train.node.js";
import { temporaryFolder, tinySettings } from "../cli/pfc.js";

const configuration = complete({ ...tinySettings, steps: 12, evaluateEvery: 5, checkpointEvery: 4 });
let engine: Engine;
/** A run that was never stopped. */
let whole: RunFolder;

before(async () => {
  engine = await openEngine("wasm");
  whole = RunFolder.vacant(join(await temporaryFolder(), "whole"));
  assert.equal(await train({ run: whole, configuration, engine, resume: false }), true);
});
after(async () => engine.close());

async function newRun(): Promise<RunFolder> {
  return RunFolder.vacant(join(await temporaryFolder(), "run"));
}

function options(run: RunFolder, more: Partial<TrainOptions> = {}): TrainOptions {
  return { run, configuration, engine, resume: false, ...more };
}

/** Stops a new run after that step: at once, or a moment later, in the middle of what comes next. */
async function stoppedAfter(step: number, when: "at once" | "a moment later"): Promise<RunFolder> {
  const run = await newRun();
  const stop = new AbortController();
  const onStep: TrainOptions["onStep"] = (line) => {
    if (line.step !== step) return;
    if (when === "at once") stop.abort();
    else setTimeout(() => stop.abort(), 0);
  };
  assert.equal(await train(options(run, { signal: stop.signal, onStep })), false);
  return run;
}

async function sameAsWhole(run: RunFolder): Promise<void> {
  for (const file of ["last", "best"] as const) {
    assert.ok((await readFile(run[file])).equals(await readFile(whole[file])), `${file}.safetensors differs`);
  }
  const timeless = (of: RunFolder): unknown[] =>
    of.metrics().map((line) => ("time" in line ? { ...line, time: undefined } : line));
  assert.deepEqual(timeless(run), timeless(whole));
}

for (const when of ["at once", "a moment later"] as const) {
  test(`stopped where a validation is due (${when}), a run makes it after resuming and ends in the same bytes`, async () => {
    const run = await stoppedAfter(5, when);
    const file = await openSafetensors(run.last);
    await file.close();
    assert.deepEqual(JSON.parse(file.metadata.progress), { step: 5, validationDue: true });
    assert.ok(run.metrics().every(({ kind }) => kind !== "evaluation"));
    assert.equal(await train(options(run, { resume: true })), true);
    await sameAsWhole(run);
  });
}

test("stopped in the last evaluation, a run makes it after resuming", async () => {
  const run = await newRun();
  const stop = new AbortController();
  const onNotice = (text: string): void => {
    if (text.startsWith("evaluating on")) stop.abort();
  };
  assert.equal(await train(options(run, { signal: stop.signal, onNotice })), false);
  assert.equal(await train(options(run, { resume: true })), true);
  await sameAsWhole(run);
});

test("a run that is finished is not trained, not tested and not changed by resuming it", async () => {
  const run = await stoppedAfter(12, "at once");
  await train(options(run, { resume: true }));
  const metrics = await readFile(join(run.path, "metrics.jsonl"), "utf8");
  assert.equal(await train(options(run, { resume: true, onStep: () => assert.fail("a step was made") })), true);
  assert.equal(await readFile(join(run.path, "metrics.jsonl"), "utf8"), metrics);
});

test("metrics that were lost are said to be, and the cost line is written again", async () => {
  const run = await stoppedAfter(8, "at once");
  await rm(join(run.path, "metrics.jsonl"));
  const notices: string[] = [];
  await train(options(run, { resume: true, onNotice: (text) => notices.push(text) }));
  assert.ok(notices.includes("metrics.jsonl ends at step 0: the lines up to step 8 are lost"), notices.join("; "));
  assert.equal(run.metrics().filter(({ kind }) => kind === "cost").length, 1);
});

test("a state that is no longer finite is not saved over a good checkpoint", async () => {
  const { path } = whole;
  const good = await readFile(whole.last);
  const { train: set } = await openData(configuration, undefined);
  const trainee = buildTrainee(engine, configuration, set, () => undefined);
  trainee.head.centers.store.load(7, new Float32Array(8).fill(NaN)); // one center of length 8
  await assert.rejects(
    saveCheckpoint(whole.last, trainee, { step: 13 }, configuration),
    /last\.safetensors: could not be written \("head\.centers" holds NaN: training has diverged\).*untouched/,
  );
  assert.ok(good.equals(await readFile(whole.last)));
  assert.deepEqual(await readdir(join(path, "checkpoints")), ["best.safetensors", "last.safetensors"]);
});

test("the checkpoint of a run with other settings is refused by the name of the setting", async () => {
  const run = await newRun();
  run.begin(complete({ ...configuration, seed: 1 }))();
  await copyFile(whole.last, run.last);
  const other = (await RunFolder.open(run.path)).configuration;
  await assert.rejects(
    train(options(run, { configuration: other, resume: true })),
    /last\.safetensors was made with seed = 0, but the run's settings say 1/,
  );
});
