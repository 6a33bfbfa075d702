/**
 * A disk that fails for good failed again where a half-written file or the run's claim was to be removed, and that second error was
 * what the user read: raw, and without the file. Likewise where only the closing of a folder or of a file that was read failed, though
 * nothing was lost.
 */
import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { complete } from "../../src/training/configuration.js";
import { RunFolder } from "../../src/training/runFolder.node.js";
import { openSafetensors, writeSafetensors } from "../../src/training/safetensors.node.js";
import { writeWhole } from "../../src/training/writeWhole.node.js";
import { failingDisk } from "../training/failingDisk.js";

/** Calls `body` on a disk that is gone from the first operation of that kind on. */
async function withoutDisk(folder: string, kind: RegExp, body: () => unknown): Promise<unknown> {
  const counting = failingDisk({ folder, at: Infinity, failure: "gone" });
  await body();
  counting.restore();
  const at = counting.operations.findIndex((operation) => kind.test(operation));
  const disk = failingDisk({ folder, at, failure: "gone" });
  try {
    return await body();
  } finally {
    disk.restore();
  }
}

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), "pfc-issue-"));

test("the error of a small file names the file, whatever becomes of its half", async () => {
  const file = join(await newFolder(), "config.json");
  const written = withoutDisk(join(file, ".."), /^write/, () => writeWhole(file, "text"));
  await assert.rejects(written, {
    message: `${file}: could not be written (the disk reports an error); what was there before is untouched.`,
  });
});

test("the error of a run's beginning names the file, whatever becomes of the claim", async () => {
  const folder = await newFolder();
  let count = 0;
  const begin = (): void => RunFolder.vacant(join(folder, `run${count++}`)).begin(complete({}))();
  await assert.rejects(withoutDisk(folder, /^rename/, begin), /run1.config\.json: could not be written/);
});

test("a checkpoint that is in place counts as saved, and one that was read as read", async () => {
  const file = join(await newFolder(), "a.safetensors");
  await withoutDisk(join(file, ".."), /^open $/, () => writeSafetensors(file, [], { step: "1" }));
  const read = async (): Promise<unknown> => {
    const opened = await openSafetensors(file);
    await opened.close();
    return opened.metadata;
  };
  assert.deepEqual(await withoutDisk(join(file, ".."), /^close/, read), { step: "1" });
});
