import assert from "node:assert/strict";
import { appendFile, mkdtemp, readFile, writeFile } from "node:fs/promises";
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
  return RunFolder.create(join(await mkdtemp(join(tmpdir(), "pfc-run-")), "run"), configuration);
}

test("a folder that holds a run is not written over", async () => {
  const run = await newRun();
  const before = await readFile(join(run.path, "config.json"), "utf8");
  await assert.rejects(RunFolder.create(run.path, complete({ steps: 6 })), /already holds a run.*--resume/);
  assert.equal(await readFile(join(run.path, "config.json"), "utf8"), before);
});

test("a run is opened with the settings it was made with", async () => {
  const { path } = await newRun();
  assert.deepEqual((await RunFolder.open(path)).configuration, configuration);
});

test("metrics after the resumed step are dropped, those before it stay", async () => {
  const run = await newRun();
  for (const step of [1, 2, 3, 4]) run.append(line(step));
  run.truncateMetrics(2);
  assert.deepEqual(run.metrics(), [line(1), line(2)]);
});

test("a last line that a kill cut short is left out, and gone after resuming", async () => {
  const run = await newRun();
  run.append(line(1));
  await appendFile(join(run.path, "metrics.jsonl"), '{"kind":"step","st');
  assert.deepEqual(run.metrics(), [line(1)]);
  run.truncateMetrics(1);
  run.append(line(2));
  assert.deepEqual(run.metrics(), [line(1), line(2)]);
});

test("a damaged line in the middle is named", async () => {
  const run = await newRun();
  await writeFile(join(run.path, "metrics.jsonl"), "{}\nnonsense\n{}\n");
  assert.throws(() => run.metrics(), /line 2, is damaged/);
});

test("a folder without a run, and a damaged configuration, are named", async () => {
  const empty = await mkdtemp(join(tmpdir(), "pfc-run-"));
  await assert.rejects(RunFolder.open(empty), /holds no run/);
  await writeFile(join(empty, "config.json"), "{");
  await assert.rejects(RunFolder.open(empty), /config\.json is damaged/);
});
