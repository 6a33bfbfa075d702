import assert from "node:assert/strict";
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { complete } from "../../src/training/configuration.js";
import type { StepLine } from "../../src/training/metrics.js";
import { RunFolder } from "../../src/training/runFolder.node.js";

const configuration = complete({ steps: 5 });

function line(step: number): StepLine {
  const time = { stepMilliseconds: 1, headMilliseconds: 1, seconds: step };
  return {
    kind: "step",
    step,
    epoch: 0,
    loss: 1 / step,
    rate: 0.1,
    gradientNorm: 1,
    centerNorm: 1,
    sampled: 2,
    positives: 1,
    time,
  };
}

async function newRun(): Promise<RunFolder> {
  const run = RunFolder.vacant(join(await mkdtemp(join(tmpdir(), "pfc-run-")), "run"));
  run.begin(configuration)();
  return run;
}

test("a folder that holds a run is not written over", async () => {
  const run = await newRun();
  const before = await readFile(join(run.path, "config.json"), "utf8");
  assert.throws(() => RunFolder.vacant(run.path), /already holds a run.*--resume/);
  assert.throws(() => run.begin(complete({ steps: 6 })), /already holds a run.*--resume/);
  assert.equal(await readFile(join(run.path, "config.json"), "utf8"), before);
});

test("a run is opened with the settings it was made with", async () => {
  const { path } = await newRun();
  assert.deepEqual((await RunFolder.open(path)).configuration, configuration);
});

test("a run whose settings are not all written down is read, but not trained on", async () => {
  const run = await newRun();
  const { multiplyAdd: _, ...settings } = configuration;
  const { path: __, ...head } = configuration.head;
  await writeFile(join(run.path, "config.json"), JSON.stringify({ ...settings, head }));
  assert.deepEqual((await RunFolder.open(run.path)).configuration, configuration);
  await assert.rejects(RunFolder.openToTrain(run.path), /does not say head\.path, multiplyAdd: .*another version/);
});

test("metrics after the resumed step are dropped, those before it stay", async () => {
  const run = await newRun();
  for (const step of [1, 2, 3, 4]) run.append(line(step));
  run.filterMetrics(({ step }) => step <= 2);
  assert.deepEqual(run.metrics(), [line(1), line(2)]);
});

test("a last line that a kill cut short is left out, and gone after resuming", async () => {
  const run = await newRun();
  run.append(line(1));
  await appendFile(join(run.path, "metrics.jsonl"), '{"kind":"step","st');
  assert.deepEqual(run.metrics(), [line(1)]);
  run.filterMetrics(({ step }) => step <= 1);
  run.append(line(2));
  assert.deepEqual(run.metrics(), [line(1), line(2)]);
});

test("a damaged line in the middle is named", async () => {
  const run = await newRun();
  await writeFile(join(run.path, "metrics.jsonl"), `${JSON.stringify(line(1))}\nnonsense\n`);
  assert.throws(() => run.metrics(), /line 2, is damaged/);
});

test("a folder without a run, and a damaged configuration, are named", async () => {
  const empty = await mkdtemp(join(tmpdir(), "pfc-run-"));
  await assert.rejects(RunFolder.open(empty), /holds no run/);
  await writeFile(join(empty, "config.json"), "{");
  await assert.rejects(RunFolder.open(empty), /config\.json is damaged/);
});

test("a line that lacks a field, and pictures that are none, are named", async () => {
  const run = await newRun();
  const { loss: _, ...incomplete } = line(1);
  await writeFile(join(run.path, "metrics.jsonl"), `${JSON.stringify(incomplete)}\n`);
  assert.throws(() => run.metrics(), /metrics\.jsonl, line 1, is damaged: loss must be a number, but is missing/);
  const picture = "https://example.org/spy.png";
  await writeFile(join(run.path, "examples.json"), JSON.stringify([{ query: { label: 1, picture }, nearest: [] }]));
  assert.throws(() => run.examples(), /examples\.json is damaged: 0\.query\.picture must be a PNG as a data URL/);
});

test("NaN and Infinity, which JSON writes as null, are read back as NaN", async () => {
  const run = await newRun();
  run.append({ ...line(1), gradientNorm: Infinity });
  const [{ gradientNorm }] = run.metrics() as StepLine[];
  assert.ok(Number.isNaN(gradientNorm));
});

test("what is left of a run whose configuration is gone is not written over", async () => {
  const run = await newRun();
  run.append(line(1));
  await rm(join(run.path, "config.json"));
  assert.throws(() => RunFolder.vacant(run.path), /already holds a run/);
});

test("a line that cannot be written is an error that names the step", async () => {
  const run = await newRun();
  await mkdir(join(run.path, "metrics.jsonl"));
  assert.throws(() => run.append(line(3)), /step 3 could not be recorded \(it is a folder\)/);
});

test("what a killed process left half-written is cleared when the run is claimed", async () => {
  const run = await newRun();
  await writeFile(join(run.checkpoints, ".last.safetensors.4242.partial"), "half");
  run.claim()();
  assert.deepEqual(await readdir(run.checkpoints), []);
  assert.deepEqual(await readdir(run.path), ["checkpoints", "config.json"]);
});

test("a run without a checkpoint says so when it is to be evaluated", async () => {
  const run = await newRun();
  assert.throws(() => run.model(), /has no checkpoint/);
});
