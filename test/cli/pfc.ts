/** Runs the `pfc` command from its source in a process of its own, as a user would. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listSettings, type PartialConfiguration } from "../../src/training/configuration.js";
import { nodeArguments } from "../nodeArguments.js";

const main = import.meta.resolve("../../src/cli/main.js");

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

export function start(...args: string[]): ChildProcess {
  const env = { ...process.env };
  delete env.PFC_DATA; // each test names its data itself
  delete env.npm_lifecycle_event; // and is called as `pfc`, not through npm
  return spawn(process.execPath, [...nodeArguments(main), ...args], { stdio: ["ignore", "pipe", "pipe"], env });
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
export const tinySettings = {
  dataset: { identities: 60, testIdentities: 10, samples: 4, side: 16 },
  network: { widths: [4, 8], blocks: [1, 1], embedding: 8 },
  head: { ratio: 0.5 },
  schedule: { warmup: 0 },
  batch: 8,
} satisfies PartialConfiguration;

/** The same as arguments of the command; of a flag that is given twice, the last counts. */
export function tinyRun(out: string, ...more: string[]): string[] {
  const { batch, head, ...others } = tinySettings;
  const named = ["--batch", String(batch), "--ratio", String(head.ratio)];
  const flags = listSettings(others).flatMap(([path, value]) => ["--set", `${path}=${value}`]);
  return ["train", "--quiet", "--out", out, ...named, ...flags, ...more];
}
