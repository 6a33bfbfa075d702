/** The disk fails at any operation of a checkpoint's save: the file is then the earlier one or the new one, whole, and loads. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, it } from "node:test";
import { openEngine } from "../../src/tensor/openEngine.js";
import { buildTrainee } from "../../src/training/buildModel.js";
import { loadCheckpoint, saveCheckpoint } from "../../src/training/checkpoint.node.js";
import { complete } from "../../src/training/configuration.js";
import { RunFolder } from "../../src/training/runFolder.node.js";
import { writeWhole } from "../../src/training/writeWhole.node.js";
import { tinySettings } from "../cli/pfc.js";
import { numberedSet } from "../data/miniatures.js";
import { FAILURES, failingDisk, type Failure } from "./failingDisk.js";

const configuration = complete(tinySettings);
const engine = await openEngine("reference");
const set = numberedSet(20, 16);
const silent = (): void => undefined;
const trainee = buildTrainee(engine, configuration, set, silent);

async function newRun(): Promise<RunFolder> {
  const run = RunFolder.vacant(join(await mkdtemp(join(tmpdir(), "pfc-crash-")), "run"));
  run.begin(configuration)();
  return run;
}

async function save(run: RunFolder, step: number): Promise<void> {
  await saveCheckpoint(run.last, trainee, { step }, configuration);
}

/** The bytes of the two checkpoints, and the operations of a save that no failure disturbs. */
async function undisturbed(): Promise<{ earlier: Buffer; newer: Buffer; operations: readonly string[] }> {
  const run = await newRun();
  await save(run, 1);
  const earlier = await readFile(run.last);
  const disk = failingDisk({ folder: run.path, at: Infinity, failure: "error" });
  await save(run, 2);
  disk.restore();
  return { earlier, newer: await readFile(run.last), operations: disk.operations };
}

/** What `body` throws while the disk fails. */
async function errorOf(body: () => unknown, folder: string, at: number, failure: Failure): Promise<Error | undefined> {
  const disk = failingDisk({ folder, at, failure });
  try {
    await body();
    return undefined;
  } catch (error) {
    return error as Error;
  } finally {
    disk.restore();
  }
}

/** One sentence that names the file. */
function checkSentence(error: Error, file: string): void {
  assert.match(error.message, /^[^\n]+\.$/);
  assert.ok(error.message.startsWith(file) && /could not be written/.test(error.message), error.message);
}

async function temporaryFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith(".partial"));
}

const { earlier, newer, operations } = await undisturbed();

describe("a checkpoint whose save fails", () => {
  it("is saved by opening, writing, flushing, closing, renaming, and flushing the folder", () => {
    const kinds = operations.map((operation) => operation.split(" ")[0]);
    const order = kinds.filter((kind, i) => kind !== kinds[i - 1]);
    assert.deepEqual(order, ["open", "write", "flush", "close", "rename", "open", "flush", "close"]);
  });

  for (const failure of FAILURES) {
    for (const before of [false, true]) {
      const title = before ? "leaves the earlier checkpoint or the new one" : "leaves no checkpoint or the new one";
      it(`${title}, whole, where the disk fails (${failure}) at any of its operations`, async () => {
        for (let at = 0; at < operations.length; at++) {
          const run = await newRun();
          if (before) await save(run, 1);
          const error = await errorOf(() => save(run, 2), run.path, at, failure);
          const where = `${failure} at operation ${at}, ${operations[at]}: ${error?.message ?? "no error"}`;
          if (error) checkSentence(error, run.last);

          const bytes = existsSync(run.last) ? await readFile(run.last) : undefined;
          if (!error) assert.ok(bytes?.equals(newer), `the save claims to have succeeded, ${where}`);
          else
            assert.ok(before ? bytes?.equals(earlier) : bytes === undefined, `the earlier one is not there, ${where}`);
          if (bytes) {
            const { step } = await loadCheckpoint(run.last, trainee, configuration);
            assert.equal(step, error ? 1 : 2, where);
          }
          if (failure === "gone") run.claim()(); // the next process clears what a killed one leaves
          assert.deepEqual(await temporaryFiles(run.checkpoints), [], where);
        }
      });
    }
  }
});

describe("a small file whose writing fails", () => {
  const text = "new text\n";
  for (const failure of FAILURES) {
    it(`is the earlier one or the new one, whole, where the disk fails (${failure}) at any operation`, async () => {
      for (let at = 0, count = 1; at < count; at++) {
        const folder = await mkdtemp(join(tmpdir(), "pfc-crash-"));
        const file = join(folder, "config.json");
        writeWhole(file, "old text\n");
        const disk = failingDisk({ folder, at: Infinity, failure });
        writeWhole(join(folder, "other.json"), text);
        disk.restore();
        count = disk.operations.length;
        const error = await errorOf(() => writeWhole(file, text), folder, at, failure);
        if (error) checkSentence(error, file);
        assert.equal(await readFile(file, "utf8"), error ? "old text\n" : text, `${failure} at ${disk.operations[at]}`);
        if (failure !== "gone") assert.deepEqual((await readdir(folder)).sort(), [basename(file), "other.json"]);
      }
    });
  }
});

describe("a run that cannot be begun", () => {
  for (const failure of FAILURES) {
    it(`says so in one sentence, and can be begun afterwards (${failure})`, async () => {
      for (let at = 0, failed = true; failed; at++) {
        const folder = join(await mkdtemp(join(tmpdir(), "pfc-crash-")), "run");
        const error = await errorOf(() => RunFolder.vacant(folder).begin(configuration)(), folder, at, failure);
        failed = error !== undefined;
        if (error) {
          assert.match(error.message, /^[^\n]+\.$/);
          assert.ok(error.message.includes(folder), error.message);
        }
        if (!RunFolder.exists(folder)) RunFolder.vacant(folder).begin(configuration)();
        const { run, configuration: stored } = await RunFolder.open(folder);
        run.claim()();
        assert.deepEqual(stored, configuration);
        assert.deepEqual((await readdir(folder)).sort(), ["checkpoints", "config.json"], `${failure} at ${at}`);
      }
    });
  }
});
