/** Reads what a report shows from run folders. */
import { basename, resolve } from "node:path";
import { RunFolder } from "../runFolder.node.js";
import { summarize, type RunSummary } from "./runSummary.js";

/** One summary a folder; folders of the same name are told apart by their number. */
export async function loadSummaries(folders: readonly string[]): Promise<RunSummary[]> {
  const names = folders.map((folder) => basename(resolve(folder)));
  const summaries: RunSummary[] = [];
  for (const [index, folder] of folders.entries()) {
    const { run, configuration } = await RunFolder.open(folder);
    const name =
      names.indexOf(names[index]) === names.lastIndexOf(names[index]) ? names[index] : `${names[index]} (${index + 1})`;
    summaries.push(summarize(name, configuration, run.metrics(), run.examples()));
  }
  return summaries;
}
