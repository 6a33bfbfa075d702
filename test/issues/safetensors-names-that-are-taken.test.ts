/** The writer put tensors into a plain object: one called "__proto__" was lost, and two of one name left a file that nobody can read. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openSafetensors, writeSafetensors, type TensorSource } from "../../src/training/safetensors.node.js";

const called = (name: string): TensorSource => ({ name, dtype: "F32", shape: [1], chunks: () => [Float32Array.of(7)] });
const newPath = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), "pfc-issue-")), "a.safetensors");

test("a tensor called __proto__ is written and read", async () => {
  const path = await newPath();
  await writeSafetensors(path, [called("__proto__")], {});
  const file = await openSafetensors(path);
  assert.deepEqual(await file.tensors.get("__proto__")?.read(), Float32Array.of(7));
  await file.close();
});

test("two tensors of one name, or one called __metadata__, are refused and nothing is written", async () => {
  const path = await newPath();
  for (const names of [["x", "x"], ["__metadata__"]]) {
    await assert.rejects(
      writeSafetensors(path, names.map(called), {}),
      /the name ".*" can be given to one tensor, but is taken/,
    );
  }
  assert.equal(existsSync(path), false);
});
