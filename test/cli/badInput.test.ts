import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { pfc, temporaryFolder, tinyRun, type Outcome } from "./pfc.js";

let folder: string;
/** A finished run of four steps. */
let finished: string;

before(async () => {
  folder = await temporaryFolder();
  finished = join(folder, "finished");
  assert.equal((await pfc(...tinyRun(finished, "--steps", "4"))).code, 0);
});

/** One sentence on stderr that starts with "pfc:", no stack trace, a non-zero exit. */
function refused({ code, error }: Outcome, message: RegExp): void {
  assert.notEqual(code, 0);
  assert.match(error, message);
  assert.doesNotMatch(error, /^\s+at /m, "a stack trace was shown");
}

const flagFaults: [what: string, args: string[], message: RegExp][] = [
  ["a ratio above one", ["--ratio", "1.5"], /head\.ratio/],
  ["a negative ratio", ["--ratio", "-0.1"], /head\.ratio/],
  ["an unknown data set", ["--dataset", "faces"], /"faces" is not known.*omniglot/],
  ["an unknown engine", ["--engine", "cuda"], /engine/],
  ["an unknown flag", ["--ratoi", "0.1"], /unknown option '--ratoi'/],
  ["an unknown setting", ["--set", "head.ratoi=1"], /ratoi/],
  ["an assignment without a value", ["--set", "head.ratio"], /path=value/],
  ["a batch larger than the data set", ["--batch", "100000"], /batch of 100000 is larger than the data set/],
  ["a data set without its folder", ["--dataset", "omniglot"], /--data <folder>.*PFC_DATA/],
  ["a folder that is not there", ["--dataset", "omniglot", "--data", "/no/such/folder"], /does not exist/],
  ["a configuration file that is not there", ["--config", "/no/such/file.json"], /--config/],
];

for (const [what, args, message] of flagFaults) {
  test(`${what} is refused in a sentence`, async () => {
    refused(await pfc(...tinyRun(join(folder, what.replaceAll(" ", "-")), "--steps", "2", ...args)), message);
  });
}

test("a folder that holds a run is refused, and the run is as it was", async () => {
  const file = join(finished, "checkpoints", "last.safetensors");
  const bytes = await readFile(file);
  refused(await pfc(...tinyRun(finished, "--steps", "2")), /already holds a run/);
  assert.ok(bytes.equals(await readFile(file)));
});

test("resuming a folder without a run is refused", async () => {
  refused(await pfc("train", "--resume", folder), /holds no run/);
});

test("a loss that is no number stops the run, names the step and keeps the last good checkpoint", async () => {
  const run = join(folder, "diverging");
  const result = await pfc(
    ...tinyRun(run, "--steps", "400", "--checkpoint-every", "1", "--rate", "1e30", "--set", "optimizer.clip=0"),
  );
  refused(result, /the loss of step \d+ is (NaN|-?Infinity).*checkpoint is kept/);
  assert.ok((await readFile(join(run, "checkpoints", "last.safetensors"))).length > 0);
});

/** A copy of the finished run, without a final evaluation, whose checkpoint the test may damage. */
async function copyOfRun(name: string): Promise<string> {
  const run = join(folder, name);
  await mkdir(join(run, "checkpoints"), { recursive: true });
  await copyFile(join(finished, "config.json"), join(run, "config.json"));
  for (const file of ["last", "best"]) {
    const path = join("checkpoints", `${file}.safetensors`);
    await copyFile(join(finished, path), join(run, path));
  }
  return run;
}

test("a truncated checkpoint is named, with the byte where it breaks", async () => {
  const run = await copyOfRun("truncated");
  const file = join(run, "checkpoints", "last.safetensors");
  await truncate(file, (await readFile(file)).length - 100);
  refused(await pfc("train", "--resume", run), /last\.safetensors: .*breaks at byte \d+/);
});

test("a foreign file in place of a checkpoint is named", async () => {
  const run = await copyOfRun("foreign");
  await writeFile(join(run, "checkpoints", "last.safetensors"), "not a checkpoint, but a letter to a friend");
  refused(await pfc("train", "--resume", run), /not a safetensors file/);
});

test("a checkpoint of another embedding size is refused with both shapes", async () => {
  const run = await copyOfRun("mismatch");
  const configuration = JSON.parse(await readFile(join(run, "config.json"), "utf8")) as {
    network: { embedding: number };
  };
  configuration.network.embedding = 16;
  await writeFile(join(run, "config.json"), JSON.stringify(configuration));
  refused(await pfc("evaluate", run), /does not fit.*\[8, .*\[16, /);
});

test("an output folder that cannot be made is refused", async () => {
  const file = join(folder, "a-file");
  await writeFile(file, "");
  refused(await pfc(...tinyRun(join(file, "run"), "--steps", "2")), /cannot be made/);
});

test("no space left on the disk: said so, and the earlier checkpoint stays", async () => {
  const { writeSafetensors } = await import("../../src/training/safetensors.node.js");
  const path = join(await copyOfRun("full"), "checkpoints", "last.safetensors");
  const bytes = await readFile(path);
  const chunks = (): Float32Array[] => {
    throw Object.assign(new Error("write"), { code: "ENOSPC" });
  };
  const source = { name: "x", dtype: "F32" as const, shape: [1], chunks };
  await assert.rejects(writeSafetensors(path, [source], {}), /no space left on the disk.*untouched/);
  assert.ok(bytes.equals(await readFile(path)));
});

test("a run without --debug shows no stack trace, with it it does", async () => {
  const { error } = await pfc("--debug", "train", "--resume", folder);
  assert.match(error, /^\s+at /m);
});
