/** One benchmark as the command line sees it: where its lines go, Ctrl-C, and what is printed at the end. */
import { resolve } from "node:path";
import Table from "cli-table3";
import type { BenchmarkFolder } from "../../benchmark/benchmarkFolder.node.js";
import type { BenchmarkRun } from "../../benchmark/benchmarkRun.js";
import { busyWarning, findings } from "../../benchmark/findings.js";
import { FORMAT, type BenchmarkLine, type BenchmarkName, type HeaderLine } from "../../benchmark/lines.js";
import { machineCard } from "../../benchmark/machineCard.node.js";
import { watchProcessor } from "../../benchmark/processorTime.node.js";
import { resultTable } from "../../benchmark/resultTable.js";
import { availableMemory } from "../../tensor/machine.node.js";
import { callAgain } from "../callAgain.js";
import { INTERRUPTED, listenForInterrupts } from "../listenForInterrupts.js";
import { version } from "../version.js";
import type { RunOptions } from "./options.js";

/** Measures, prints, and writes the folder if there is to be one. Stopped by Ctrl-C it shows what it has and ends with status 130. */
export async function runBench(
  what: BenchmarkName,
  options: RunOptions,
  body: (run: BenchmarkRun) => Promise<unknown>,
): Promise<void> {
  const folder = options.out === undefined ? undefined : await openFolder(options.out);
  const lines: BenchmarkLine[] = [];
  const onLine = (line: BenchmarkLine): void => {
    lines.push(line);
    folder?.append(line);
    if (options.json) console.log(JSON.stringify(line));
  };
  const stop = new AbortController();
  const ignoreInterrupts = listenForInterrupts({
    onFirst: () => {
      console.error("stopping after this call, and showing what was measured; Ctrl-C again ends at once");
      stop.abort();
    },
    onSecond: () => undefined,
  });
  const head = header(what, options);
  try {
    if (!options.json) console.log(describe(head));
    await body({
      rounds: options.rounds,
      watch: watchProcessor,
      availableMemory: () => availableMemory() ?? Infinity,
      peakMemory: () => process.resourceUsage().maxRSS * 1024,
      signal: stop.signal,
      onLine: (line) => {
        if (lines.length === 0) onLine(head); // what is refused leaves no record
        onLine(line);
      },
    });
  } finally {
    ignoreInterrupts();
  }
  if (lines.length > 0) folder?.draw(lines);
  if (!options.json) print(lines, folder);
  if (stop.signal.aborted) process.exitCode = INTERRUPTED;
}

function header(what: BenchmarkName, options: RunOptions): HeaderLine {
  const settings = Object.entries(options).flatMap(([name, value]): [string, string | number][] => {
    if (name === "compare") return [[name, `${options.compare!.option}=${options.compare!.values.join(",")}`]];
    if (typeof value === "number" || typeof value === "string") return name === "out" ? [] : [[name, value]];
    return Array.isArray(value) ? [[name, value.join(", ")]] : [];
  });
  return {
    kind: "benchmark",
    format: FORMAT,
    what,
    command: callAgain(...process.argv.slice(2)),
    started: new Date().toISOString(),
    machine: machineCard(),
    versions: { "partial-fc": version(), node: process.version, v8: process.versions.v8 },
    settings: Object.fromEntries(settings),
  };
}

function describe({ machine, versions }: HeaderLine): string {
  const memory = `${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB`;
  return `${machine.processor}, ${machine.cores} cores, ${memory}, ${machine.platform}, node ${versions.node}, load ${machine.load.toFixed(2)}`;
}

/** What draws is loaded by those who ask for figures (loadReport.ts). */
async function openFolder(path: string): Promise<BenchmarkFolder> {
  const { BenchmarkFolder } = await import("../../benchmark/benchmarkFolder.node.js");
  return new BenchmarkFolder(path);
}

function print(lines: readonly BenchmarkLine[], folder: BenchmarkFolder | undefined): void {
  const { head, rows } = resultTable(lines);
  const noLine = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };
  const table = new Table({ head: [...head], style: { head: [], border: [] }, chars: noLine });
  for (const { cells } of rows) table.push([...cells]);
  if (rows.length > 0) console.log(table.toString());
  for (const sentence of findings(lines)) console.log(sentence);
  const warning = busyWarning(lines);
  if (warning !== undefined) console.log(warning);
  if (rows.length === 0) console.log("nothing was measured.");
  if (folder && lines.length > 0) console.log(`page: ${resolve(folder.page)}`);
}
