import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { outcome, start, temporaryFolder, tinyRun } from "./pfc.js";

test("when the reader of the output goes away, training stops and saves, without a stack trace", async () => {
  const run = join(await temporaryFolder(), "run");
  const child = start(...tinyRun(run, "--steps", "100000", "--evaluate-every", "20"));
  const ended = outcome(child);
  child.stdout?.once("data", () => child.stdout?.destroy()); // as `| head -1` does
  const { code, error } = await ended;
  assert.equal(code, 130);
  assert.equal(error, "");
  assert.ok(existsSync(join(run, "checkpoints", "last.safetensors")));
});

test("when the reader of a help text goes away, nothing is said of it", async () => {
  const child = start("train", "--help");
  const ended = outcome(child);
  child.stdout?.destroy();
  assert.equal((await ended).error, "");
});
