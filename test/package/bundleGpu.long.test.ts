/**
 * The bundle for a machine with a GPU, as a stranger runs it: packed, unpacked elsewhere, with hardly any programs around it and no node.
 *
 * The adapter is the one that this process has, so on a machine without a GPU the one in software that VK_DRIVER_FILES names.
 */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { webgpuMissing } from "../tensor/engines/gpu/inEveryMode.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(path.join(os.tmpdir(), "pfc-bundle-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const other = `${process.platform} ${process.arch}`;
const skip = other !== "linux x64" ? `the bundle is for linux x64; this is ${other}` : (webgpuMissing ?? false);

/** What gpu.sh takes from the machine. */
const PROGRAMS = [
  ..."sh timeout date tee grep sed tail head cat mkdir ln basename dirname tr rm ls uname sort uniq tar xz".split(" "),
];

test("the bundle holds all that gpu.sh needs, in 60 MB", { skip }, () => {
  const packed = path.join(folder, "packed");
  const listing = execFileSync(process.execPath, ["scripts/bundleGpu.mjs", packed], { cwd: root, encoding: "utf8" });
  assert.match(listing, /\d+ {2}bin\/node\n/);
  const file = path.join(packed, "partial-fc-gpu.tar.xz");
  assert.ok(statSync(file).size <= 60e6);

  const bin = path.join(folder, "bin");
  mkdirSync(bin);
  const where = execFileSync("sh", ["-c", `for name in ${PROGRAMS.join(" ")}; do command -v "$name"; done`], {
    encoding: "utf8",
  });
  for (const program of where.trim().split("\n")) symlinkSync(program, path.join(bin, path.basename(program)));
  const { VK_DRIVER_FILES } = process.env;
  const env = { PATH: bin, QUICK: "1", OUT: "results", ...(VK_DRIVER_FILES !== undefined && { VK_DRIVER_FILES }) };
  execFileSync(path.join(bin, "tar"), ["-xf", file], { cwd: folder, env });
  const { status, stdout } = spawnSync(path.join(folder, "partial-fc-gpu/gpu.sh"), {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  assert.equal(status, 0, stdout);

  const summary = readFileSync(path.join(folder, "results/summary.txt"), "utf8");
  const steps = "info adapter gpuParity train-gpuwebgpu train-wasm losses bench-kernels bench-head bench-train";
  for (const step of steps.split(" ")) assert.match(summary, new RegExp(`^ok +${step}, `, "m"));
  assert.match(summary, /^note +adapter: gpu\.js webgpu, ./m);
  assert.match(summary, /^ok +gpuParity, \d+ s, [1-9]\d+ tests of gpu:webgpu passed$/m);
  assert.doesNotMatch(summary, /FAILED/);
});
