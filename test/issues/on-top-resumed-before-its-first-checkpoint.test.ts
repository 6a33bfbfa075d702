import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openEngine } from "../../src/tensor/openEngine.js";
import { complete } from "../../src/training/configuration.js";
import { RunFolder } from "../../src/training/runFolder.node.js";
import { train } from "../../src/training/train.node.js";
import { temporaryFolder, tinySettings } from "../cli/pfc.js";

// It began again on a backbone and centers of random weights, as if they were finished ones.
test("a run on top of a finished one that was killed before its first checkpoint begins again on that one", async () => {
  const engine = await openEngine("wasm");
  const folder = await temporaryFolder();
  const settings = { ...tinySettings, steps: 3 };
  const run = (name: string): RunFolder => RunFolder.vacant(join(folder, name, "run"));
  const base = run("base");
  await train({ run: base, configuration: complete(settings), engine, resume: false });

  const configuration = complete({ ...settings, quality: { variant: "onTop", base: base.path } });
  const [whole, killed] = [run("whole"), run("killed")];
  await train({ run: whole, configuration, engine, resume: false });
  killed.begin(configuration)(); // all that such a process leaves behind
  await train({ run: killed, configuration, engine, resume: true });
  for (const file of ["last", "qualityModel"] as const) {
    assert.ok((await readFile(killed[file])).equals(await readFile(whole[file])), `${file} differs`);
  }
  await engine.close();
});
