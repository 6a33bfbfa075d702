import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { stream } from "../../src/tensor/random.js";
import type { CostLine } from "../../src/training/metrics.js";
import { RunFolder } from "../../src/training/runFolder.node.js";
import { outcome, pfc, start, temporaryFolder, tinyRun } from "../cli/pfc.js";

const STEPS = 60;
const more = ["--steps", String(STEPS), "--checkpoint-every", "7", "--evaluate-every", "20"];

async function lines(folder: string): Promise<number> {
  const file = join(folder, "metrics.jsonl");
  return existsSync(file) ? (await readFile(file, "utf8")).split("\n").length - 1 : 0;
}

/** Metrics without the fields that depend on the clock. */
async function timeless(folder: string): Promise<unknown[]> {
  const { run } = await RunFolder.open(folder);
  return run.metrics().map(({ ...line }) => {
    if ("time" in line) delete (line as { time?: unknown }).time;
    return line;
  });
}

async function killAfter(count: number, folder: string, ...args: string[]): Promise<void> {
  const child = start(...args);
  const ended = outcome(child);
  while ((await lines(folder)) < count && child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill("SIGKILL");
  const { code, error } = await ended;
  assert.equal(code, null, `the run was to be killed, but ended by itself: ${error}`);
}

test("a run killed at a random step and resumed ends in the bytes of one that was never killed", async () => {
  const folder = await temporaryFolder();
  const whole = join(folder, "whole");
  const killed = join(folder, "killed");
  assert.equal((await pfc(...tinyRun(whole, ...more))).code, 0);

  // twice, at steps that differ from day to day: the property holds for every step
  const random = stream("kill", Math.floor(Date.now() / 86_400_000));
  const first = 3 + random.integer(STEPS / 2 - 3);
  const second = first + 2 + random.integer(STEPS - first - 6);
  await killAfter(first, killed, ...tinyRun(killed, ...more));
  await killAfter(second, killed, "train", "--quiet", "--resume", killed);
  const { code, error } = await pfc("train", "--quiet", "--resume", killed);
  assert.equal(code, 0, error);

  const where = `killed after ${first} and ${second} lines of metrics`;
  for (const name of ["last", "best"]) {
    const [a, b] = await Promise.all(
      [whole, killed].map((run) => readFile(join(run, "checkpoints", `${name}.safetensors`))),
    );
    assert.ok(a.equals(b), `${name}.safetensors differs, ${where}`);
  }
  assert.deepEqual(await timeless(killed), await timeless(whole), where);
});

test("centers and momentum in float16 resume to the same bytes", async () => {
  const folder = await temporaryFolder();
  const whole = join(folder, "whole");
  const killed = join(folder, "killed");
  const half = [...more, "--set", "head.storage=float16"];
  assert.equal((await pfc(...tinyRun(whole, ...half))).code, 0);
  await killAfter(20, killed, ...tinyRun(killed, ...half));
  const { code, error } = await pfc("train", "--quiet", "--resume", killed);
  assert.equal(code, 0, error);
  const [a, b] = await Promise.all(
    [whole, killed].map((run) => readFile(join(run, "checkpoints", "last.safetensors"))),
  );
  assert.ok(a.equals(b));
});

for (const engine of ["wasm", "gpu:webasm"]) {
  test(`Ctrl-C on ${engine} saves, says how to go on, and going on ends in the same bytes`, async () => {
    const folder = await temporaryFolder();
    const whole = join(folder, "whole");
    const stopped = join(folder, "stopped");
    const settings = [...more, "--engine", engine];
    assert.equal((await pfc(...tinyRun(whole, ...settings))).code, 0);

    const child = start(...tinyRun(stopped, ...settings));
    const ended = outcome(child);
    while ((await lines(stopped)) < 5) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill("SIGINT");
    const { code, out } = await ended;
    assert.equal(code, 130);
    assert.match(out, /stopped and saved; go on with: pfc train --resume/);
    assert.equal((await pfc("train", "--quiet", "--resume", stopped)).code, 0);

    const [a, b] = await Promise.all(
      [whole, stopped].map((run) => readFile(join(run, "checkpoints", "last.safetensors"))),
    );
    assert.ok(a.equals(b));
    assert.deepEqual(await timeless(stopped), await timeless(whole));
    const { run } = await RunFolder.open(whole);
    const cost = run.metrics().find(({ kind }) => kind === "cost");
    assert.match((cost as CostLine).engine, engine === "wasm" ? /^wasm, / : /^gpu\.js webasm$/);
  });
}
