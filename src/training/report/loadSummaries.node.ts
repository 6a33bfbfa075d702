/** Reads what a report shows from run folders. */
import { resolve, sep } from "node:path";
import { RunFolder } from "../runFolder.node.js";
import { summarize, type RunSummary } from "./runSummary.js";

/** One summary a folder, under names that tell the folders apart. */
export async function loadSummaries(folders: readonly string[]): Promise<RunSummary[]> {
  const names = tellApart(folders);
  const summaries: RunSummary[] = [];
  for (const [index, folder] of folders.entries()) {
    const { run, configuration } = await RunFolder.open(folder);
    summaries.push(summarize(names[index], configuration, run.metrics(), run.examples()));
  }
  return summaries;
}

/** The shortest ends of the paths that differ: "r=0.1", or "seed1/r=0.1" beside "seed2/r=0.1". Throws where two paths are one. */
export function tellApart(folders: readonly string[]): string[] {
  const paths = folders.map((folder) => resolve(folder).split(sep));
  const tails = (length: number): string[] => paths.map((path) => path.slice(-length).join("/"));
  const longest = Math.max(...paths.map((path) => path.length));
  for (let length = 1; length <= longest; length++) {
    const names = tails(length);
    if (new Set(names).size === names.length) return names;
  }
  const whole = tails(longest);
  throw new Error(`the run ${whole.find((path, index) => whole.indexOf(path) < index)} is given twice.`);
}
