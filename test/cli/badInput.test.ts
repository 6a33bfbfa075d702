import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { pfc, temporaryFolder, tinyRun, type Outcome } from "./pfc.js";

let folder: string;
/** A finished run of four steps. */
let finished: string;

before(async () => {
  folder = await temporaryFolder();
  finished = join(folder, "finished");
  assert.equal((await pfc(...tinyRun(finished, "--steps", "4", "--checkpoint-every", "2"))).code, 0);
});

/** One sentence on stderr that starts with "pfc:" (hints in brackets may follow), no stack trace, a non-zero exit. */
function refused({ code, error }: Outcome, message: RegExp): void {
  assert.notEqual(code, 0);
  assert.match(error, /^pfc: .*\n(\(.*\)\n)*$/);
  assert.match(error, message);
  assert.doesNotMatch(error, /^\s+at /m, "a stack trace was shown");
}

const flagFaults: [what: string, args: string[], message: RegExp][] = [
  ["a ratio above one", ["--ratio", "1.5"], /head\.ratio/],
  ["an unknown data set", ["--dataset", "faces"], /"faces" is not known.*omniglot/],
  ["an unknown engine", ["--engine", "cuda"], /engine/],
  [
    "an unknown mode of the GPU engine",
    ["--engine", "gpu:foo"],
    /engine must be one of .*"gpu:webgpu".*given "gpu:foo"/,
  ],
  ["an engine that is not there", ["--engine", "gpu:webgl2"], /gpu:webgl2 needs a browser.*gpu:webasm/],
  ["half floats on the GPU engine", ["--engine", "gpu:cpu", "--set", "head.storage=float16"], /float32 alone/],
  ["an unknown flag", ["--ratoi", "0.1"], /unknown option '--ratoi'/],
  ["an assignment without a value", ["--set", "head.ratio"], /path=value/],
  ["a batch larger than the data set", ["--batch", "100000"], /batch of 100000 is larger than the data set/],
  ["a data set without its folder", ["--dataset", "omniglot"], /--data <folder>.*PFC_DATA/],
  ["a folder that is not there", ["--dataset", "omniglot", "--data", "/no/such/folder"], /does not exist/],
  ["a configuration file that is not there", ["--config", "/no/such/file.json"], /--config.*no such file/],
  ["a network for other images", ["--network", "mobilefacenet"], /112 pixels; the images have 1 and 16/],
];

for (const [what, args, message] of flagFaults) {
  test(`${what} is refused in a sentence, and leaves no folder behind`, async () => {
    const run = join(folder, what.replaceAll(" ", "-"));
    refused(await pfc(...tinyRun(run, "--steps", "2", ...args)), message);
    assert.ok(!existsSync(run));
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

test("settings beside --resume are refused: a run goes on with its own", async () => {
  refused(await pfc("train", "--resume", finished, "--steps", "10"), /--resume <run>' cannot be used with .*--steps/);
});

test("a run whose configuration was changed by hand is not gone on with, and the setting is named", async () => {
  const run = await copyOfRun("changed");
  const text = await readFile(join(run, "config.json"), "utf8");
  await writeFile(join(run, "config.json"), text.replace('"seed": 0', '"seed": 5'));
  refused(await pfc("train", "--resume", run), /made with seed = 0, but the run's settings say 5/);
});

test("metrics without the checkpoint they went with are not thrown away", async () => {
  const run = await copyOfRun("without-checkpoint");
  await rm(join(run, "checkpoints", "last.safetensors"));
  const file = join(run, "metrics.jsonl");
  await copyFile(join(finished, "metrics.jsonl"), file);
  refused(await pfc("train", "--resume", run), /metrics of 4 steps and a checkpoint every 2, but .* is missing/);
  assert.equal(await readFile(file, "utf8"), await readFile(join(finished, "metrics.jsonl"), "utf8"));
});

test("embeddings are not written over a file that holds something else", async () => {
  const file = join(finished, "config.json");
  const text = await readFile(file, "utf8");
  refused(await pfc("embed", finished, "--out", file), /config\.json is there already and holds no embeddings/);
  assert.equal(await readFile(file, "utf8"), text);
});

test("a folder in place of a checkpoint is named", async () => {
  refused(await pfc("evaluate", finished, "--checkpoint", folder), /not a safetensors file: it is a folder/);
});

test("a loss that is no number stops the run, names the step and keeps the last good checkpoint", async () => {
  const run = join(folder, "diverging");
  const result = await pfc(
    ...tinyRun(run, "--steps", "400", "--checkpoint-every", "1", "--rate", "1e30", "--set", "optimizer.clip=0"),
  );
  refused(result, /the (loss|gradient's norm) of step \d+ is (NaN|-?Infinity).*checkpoint is kept/);
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
