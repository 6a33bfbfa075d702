/** Trains the same settings once for each sampling ratio, side by side in one folder, and compares the runs. */
import { join } from "node:path";
import { complete, listSettings, type Configuration, type PartialConfiguration } from "../training/configuration.js";
import type { RunSummary } from "../training/report/runSummary.js";
import { RunFolder } from "../training/runFolder.node.js";
import { loadReport } from "./loadReport.js";
import { runTraining } from "./runTraining.js";

export interface CompareOptions {
  /** Folder of the runs; those that are there already are taken as they are or gone on with. */
  readonly out: string;
  readonly settings: PartialConfiguration;
  readonly ratios: readonly number[];
}

export interface Comparison {
  readonly runs: readonly RunSummary[];
  /** The report of them all. */
  readonly report: string;
}

/** undefined when Ctrl-C stopped it: the same call goes on from there. Throws where a folder holds a run with other settings. */
export async function compareRatios({ out, settings, ratios }: CompareOptions): Promise<Comparison | undefined> {
  const folders: string[] = [];
  for (const ratio of ratios) {
    const configuration = complete({ ...settings, head: { ...settings.head, ratio } });
    const { run, resume } = await openOrVacant(join(out, `r=${ratio}`), configuration);
    folders.push(run.path);
    if (!(await runTraining({ run, configuration, resume, label: `r = ${ratio}` }))) return undefined;
  }
  const report = join(out, "comparison.html");
  const { writeReport } = await loadReport();
  return { runs: await writeReport(report, folders), report };
}

async function openOrVacant(path: string, wanted: Configuration): Promise<{ run: RunFolder; resume: boolean }> {
  if (!RunFolder.exists(path)) return { run: RunFolder.vacant(path), resume: false };
  const { run, configuration } = await RunFolder.openToTrain(path);
  const held = new Map(listSettings(configuration));
  for (const [name, value] of listSettings(wanted)) {
    if (held.get(name) === value) continue;
    throw new Error(
      `${path} holds a run with ${name} = ${held.get(name)}, but ${value} is wanted here; name another folder with --out.`,
    );
  }
  return { run, resume: true };
}
