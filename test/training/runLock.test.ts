import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { lockRun } from "../../src/training/runLock.node.js";

async function folderClaimedBy(claim: unknown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "pfc-lock-"));
  await writeFile(join(folder, ".training.json"), typeof claim === "string" ? claim : JSON.stringify(claim));
  return folder;
}

test("a folder in which another process trains is refused, and the process is named", async () => {
  const folder = await folderClaimedBy({ process: process.ppid, host: hostname() }); // the test's parent is alive
  assert.throws(() => lockRun(folder), new RegExp(`trained in by process ${process.ppid} on .*delete .*\\.training`));
});

test("a claim from another machine stands, as nobody here can tell", async () => {
  const folder = await folderClaimedBy({ process: 1, host: "elsewhere" });
  assert.throws(() => lockRun(folder), /process 1 on elsewhere/);
});

test("the claim of a process that has ended lapses; giving it back leaves nothing", async () => {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  for (const lapsed of [{ process: pid, host: hostname() }, '{"process":', "null"]) {
    const folder = await folderClaimedBy(lapsed);
    lockRun(folder)();
    assert.deepEqual(await readdir(folder), []);
  }
});
