/** Runs the `pfc` command from its source in a process of its own, as a user would. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

export function start(...args: string[]): ChildProcess {
  const env = { ...process.env };
  delete env.PFC_DATA; // each test names its data itself
  return spawn(process.execPath, ["--import", "tsx", main, ...args], { stdio: ["ignore", "pipe", "pipe"], env });
}

export async function pfc(...args: string[]): Promise<Outcome> {
  return outcome(start(...args));
}

export async function outcome(child: ChildProcess): Promise<Outcome> {
  let [out, error] = ["", ""];
  child.stdout?.on("data", (text: Buffer) => (out += text.toString()));
  child.stderr?.on("data", (text: Buffer) => (error += text.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, error }));
  });
}

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "pfc-test-"));
}

/** A run of seconds: 60 identities, 16 pixels, two blocks. */
export function tinyRun(out: string, ...more: string[]): string[] {
  const settings = {
    "dataset.identities": 60,
    "dataset.testIdentities": 10,
    "dataset.samples": 4,
    "dataset.side": 16,
    "network.widths": "[4,8]",
    "network.blocks": "[1,1]",
    "network.embedding": 8,
    "schedule.warmup": 0,
  };
  const flags = Object.entries(settings).flatMap(([path, value]) => ["--set", `${path}=${value}`]);
  return ["train", "--quiet", "--out", out, "--batch", "8", "--ratio", "0.5", ...flags, ...more];
}
