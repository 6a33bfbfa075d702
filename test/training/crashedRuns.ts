/** Whole runs on a disk that fails once, or that is gone from some operation on, and what they end in when they are resumed. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "../../src/tensor/openEngine.js";
import { complete } from "../../src/training/configuration.js";
import { RunFolder } from "../../src/training/runFolder.node.js";
import { train } from "../../src/training/train.node.js";
import { tinySettings } from "../cli/pfc.js";
import { failingDisk, type Failure } from "./failingDisk.js";

/** Two checkpoints and two validations on the way; beside the settings of `tinyRun`. */
export const trainSettings = [
  ...["--steps", "5", "--checkpoint-every", "2", "--evaluate-every", "3"],
  ...["--engine", "reference"],
];
const configuration = complete({
  ...tinySettings,
  steps: 5,
  checkpointEvery: 2,
  evaluateEvery: 3,
  engine: "reference",
});

/** What a run leaves that must not depend on whether it was disturbed. */
export interface Ending {
  readonly last: Buffer;
  readonly best: Buffer;
  /** Without what depends on the clock. */
  readonly metrics: readonly unknown[];
  readonly examples: unknown;
  readonly files: readonly string[];
}

export async function newFolder(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), "pfc-crash-")), "run");
}

/** Begins the run, or goes on with what is there. */
export async function trainOn(folder: string): Promise<void> {
  const resume = RunFolder.exists(folder);
  const run = resume ? (await RunFolder.open(folder)).run : RunFolder.vacant(folder);
  const engine = await openEngine("reference");
  try {
    assert.ok(await train({ run, configuration, engine, resume }));
  } finally {
    await engine.close();
  }
}

/** Trains on a disk that fails; gives the error, if there was one, and the operations until then. */
export async function trainOnFailingDisk(
  folder: string,
  at: number,
  failure: Failure,
): Promise<{ error?: Error; operations: readonly string[] }> {
  const disk = failingDisk({ folder, at, failure });
  try {
    await trainOn(folder);
    return { operations: disk.operations };
  } catch (error) {
    return { error: error as Error, operations: disk.operations };
  } finally {
    disk.restore();
  }
}

export async function endingOf(folder: string): Promise<Ending> {
  const { run } = await RunFolder.open(folder);
  const [last, best] = await Promise.all([readFile(run.last), readFile(run.best)]);
  const metrics = run.metrics().map((line) => ({ ...line, time: undefined }));
  const files = await readdir(folder, { recursive: true });
  return { last, best, metrics, examples: run.examples(), files: files.sort() };
}

/** What is there loads, whatever happened; then the run goes on, and ends as one that nothing disturbed. */
export async function checkResumes(folder: string, whole: Ending, where: string): Promise<void> {
  try {
    await trainOn(folder);
    const ending = await endingOf(folder);
    assert.ok(ending.last.equals(whole.last), "last.safetensors differs");
    assert.ok(ending.best.equals(whole.best), "best.safetensors differs");
    assert.deepEqual(ending.metrics, whole.metrics);
    assert.deepEqual(ending.examples, whole.examples);
    assert.deepEqual(ending.files, whole.files);
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
  }
}

/** Disturbs a run at operation `at` and lets it go on. */
export async function crashAndResume(at: number, failure: Failure, whole: Ending): Promise<void> {
  const folder = await newFolder();
  const { error, operations } = await trainOnFailingDisk(folder, at, failure);
  const where = `${failure} at operation ${at}, ${operations[at]}: ${error?.message ?? "no error"}`;
  if (error) {
    assert.match(error.message, /^[^\n]+\.$/, where);
    assert.ok(error.message.includes(folder), where);
  }
  await checkResumes(folder, whole, where);
}
