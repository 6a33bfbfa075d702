/** `pfc bench head` in a process of its own, whose memory is its own too; returns the lines of its record. */
import { spawn } from "node:child_process";
import type { BenchmarkLine } from "../../benchmark/lines.js";
import type { HeadOptions, RunOptions } from "./options.js";

/** @throws Error with the sentence of the process, where that failed */
export async function measureApart(options: HeadOptions & RunOptions, signal?: AbortSignal): Promise<BenchmarkLine[]> {
  const { engine, threads, products, classes, embedding, batch, ratio, update, storage, path, rounds, compare } =
    options;
  const size = { classes, embedding, batch, ratio, update, storage, path };
  const named = { engine, threads, "multiply-add": options.multiplyAdd, products, ...size, rounds };
  const flags = Object.entries(named);
  const args = flags.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]));
  if (compare) args.push("--compare", `${compare.option}=${compare.values.join(",")}`);
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1], "bench", "head", "--json", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const end = (): void => void child.kill("SIGTERM");
  signal?.addEventListener("abort", end);
  let [out, error] = ["", ""];
  child.stdout.on("data", (text: Buffer) => (out += text.toString()));
  child.stderr.on("data", (text: Buffer) => (error += text.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  signal?.removeEventListener("abort", end);
  if (code !== 0 && !signal?.aborted) {
    const sentence =
      error.trim().replace(/^pfc: /, "") || `the process of ${classes} classes ended with status ${code}.`;
    throw new Error(sentence);
  }
  return out
    .split("\n")
    .filter((line) => line.endsWith("}"))
    .map((line) => JSON.parse(line) as BenchmarkLine);
}
