/** A damaged claim on a run's folder that named process 0 or -1 stood for ever: signals to those numbers go to groups of processes. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { lockRun } from "../../src/training/runLock.node.js";

test("a claim of no single process lapses", async () => {
  for (const process of [0, -1, 1.5]) {
    const folder = await mkdtemp(join(tmpdir(), "pfc-issue-"));
    await writeFile(join(folder, ".training.json"), JSON.stringify({ process, host: hostname() }));
    lockRun(folder)();
    assert.deepEqual(await readdir(folder), []);
  }
});
