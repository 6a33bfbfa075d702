/** A run whose disk fails, or whose process is killed, at each kind of file operation ends as one that nothing disturbed. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { loaderFor } from "../nodeArguments.js";
import { outcome, tinyRun, type Outcome } from "../cli/pfc.js";
import { checkResumes, crashAndResume, endingOf, newFolder, trainOnFailingDisk, trainSettings } from "./crashedRuns.js";

const preload = import.meta.resolve("./failingDisk.preload.js");
const main = import.meta.resolve("../../src/cli/main.js");

const folder = await newFolder();
const { operations } = await trainOnFailingDisk(folder, Infinity, "error");
const whole = await endingOf(folder);

/** The run as a process of its own, killed at operation `at` on its folder. */
async function killedRun(out: string, at: number): Promise<Outcome> {
  const run = tinyRun(out, ...trainSettings);
  const program = [...loaderFor(main), "--import", preload, fileURLToPath(main), ...run];
  const env = { ...process.env, KILL_AT: `${at}:${out}` };
  return outcome(spawn(process.execPath, program, { env, stdio: ["ignore", "pipe", "pipe"] }));
}

describe("a disturbed run", () => {
  it("does everything that it does with files in this test", () => {
    for (const kind of ["mkdir", "open", "write", "flush", "close", "rename", "rm"]) {
      assert.ok(
        operations.some((operation) => operation.startsWith(`${kind} `)),
        `no ${kind}`,
      );
    }
  });

  it("goes on to the same bytes where the disk is gone from the first operation of each kind on", async () => {
    for (const [at, operation] of operations.entries()) {
      if (operations.indexOf(operation) === at) await crashAndResume(at, "gone", whole);
    }
  });

  it("goes on to the same bytes after a kill while a checkpoint or the metrics are written", async () => {
    const last = operations.findLastIndex((operation) => /^write checkpoints\/\.last/.test(operation));
    const metrics = operations.findLastIndex((operation) => operation === "write metrics.jsonl");
    for (const at of [last, metrics]) {
      const out = await newFolder();
      const { code, error } = await killedRun(out, at);
      assert.equal(code, null, `the run was to be killed at ${operations[at]}, but ended by itself: ${error}`);
      await checkResumes(out, whole, `killed at operation ${at}, ${operations[at]}`);
    }
  });
});
