/** Writes the report of one or several runs. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { writeWhole } from "../writeWhole.node.js";
import { loadSummaries } from "./loadSummaries.node.js";
import { isReport, renderReport } from "./renderReport.js";
import type { RunSummary } from "./runSummary.js";

/** Returns what it shows. Throws, and writes nothing, where the file is there already and is no report. */
export async function writeReport(file: string, folders: readonly string[]): Promise<RunSummary[]> {
  const runs = await loadSummaries(folders);
  if (existsSync(file) && statSync(file).isDirectory()) throw new Error(`${file} is a folder; name a file with --out.`);
  if (existsSync(file) && !isReport(readFileSync(file, "utf8"))) {
    throw new Error(`${file} is there already and is no report of this program; name another file with --out.`);
  }
  writeWhole(file, renderReport(runs));
  return runs;
}
