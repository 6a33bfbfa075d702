/** What an experiment is told on the command line. */
import { parseArgs } from "node:util";

export interface ExperimentOptions {
  /** Folder of the data sets' files; empty where only the page is written again. */
  readonly data: string;
  /** On held-out training classes, to choose settings with. */
  readonly heldOut: boolean;
  /** Only the page, from the numbers of the last run; of experiments that keep them. */
  readonly page: boolean;
  readonly out: string;
}

/** @param sets whose files are needed, in words. @throws Error where no folder is named */
export function readOptions(sets: string): ExperimentOptions {
  const { values } = parseArgs({
    options: {
      data: { type: "string", default: process.env.PFC_DATA },
      "held-out": { type: "boolean", default: false },
      page: { type: "boolean", default: false },
      out: { type: "string", default: "docs/results" },
    },
  });
  if (!values.data && !values.page) {
    throw new Error(`name the folder of the files of ${sets} with --data or the environment variable PFC_DATA.`);
  }
  return { data: values.data ?? "", heldOut: values["held-out"], page: values.page, out: values.out };
}

/** User and system time of this process so far. */
export function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
